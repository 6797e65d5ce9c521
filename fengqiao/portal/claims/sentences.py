"""What the engine says about input, in the words of the portal. The engine speaks to those at a command line."""

from __future__ import annotations

import re

from fengqiao.engine.errors import FengqiaoError, Place

MISSING = r"Columns? (?:is|are) missing \(缺少列\) in (?P<table>.+?): (?P<columns>.+)"
CASE_WORDS = "请按说明改好案件文件后重新上传。"
TABLE_WORDS = "请改好后重新上传。"
MEMORY_WORDS = "请平台管理员调高上限后重新开始。"
RULES: tuple[tuple[str, str], ...] = (
    (MISSING, "缺少列：{columns}。请在表头写上这些列的名称后重新上传。"),
    (
        r'The column "(?P<column>.+?)" \((?P<label>.+?)\) occurs twice',
        "列“{label}”出现了两次。请删去或改名一列后重新上传。",
    ),
    (r"The file is empty", "这是空文件。请重新导出后上传。"),
    (r"The workbook is empty", "工作簿里没有内容。请重新导出后上传。"),
    (
        r"There is no (?:trade record below|row below) the header|There is no trade record",
        "表头下面没有记录。请重新导出后上传。",
    ),
    (r"The file is neither text nor a table", "这不是表格文件。请提供 CSV、Parquet 或 XLSX 文件。"),
    (r"The file is (?P<kind>.+), not a table", "文件类型不符，不是表格。请提供 CSV、Parquet 或 XLSX 文件。"),
    (
        r"The workbook is damaged|The Parquet file is damaged|The workbook is damaged or locked",
        "文件损坏、不完整或者加了密码，打不开。请重新导出或取消密码后上传。",
    ),
    (r"The workbook unpacks to more than is allowed", "工作簿解压后过大，没有打开。请改用 CSV 或 Parquet 文件。"),
    (
        r"The file mixes encodings|The line is neither UTF-8|The line is not GB18030|The case file is not UTF-8 text",
        "文字编码无法识别或前后不一致。请另存为“CSV UTF-8”（案件文件存为 UTF-8）后重新上传。",
    ),
    (
        r"The lines end in bare carriage returns|The file holds NUL bytes|The line is longer than",
        "不是正常的文本表格。请重新导出为 CSV、Parquet 或 XLSX 后上传。",
    ),
    (
        r"There is no row of security (?P<code>\S+)",
        "文件里没有证券 {code} 的数据。请检查案件文件中的证券代码，或者换一个文件。",
    ),
    (
        r"The file holds several securities",
        "文件里有多只证券的数据，不能确定用哪一只。请先上传案件文件，或者只保留本案证券。",
    ),
    (r"The day occurs twice", "同一日期出现了两次。请删去其中一行后重新上传。"),
    (r"The case file is not valid TOML", "案件文件的格式有误，不能解析。" + CASE_WORDS),
    (r"The case file is larger than", "案件文件超过 1 MB，很可能选错了文件。请重新选择。"),
    (
        r'Unknown (?:key in|section|table)\s*(?P<where>.*?)\s*"(?P<key>.+)"',
        "案件文件里有不认识的名称“{key}”。" + CASE_WORDS,
    ),
    (r'Unknown value of (?P<key>.+?) "(?P<value>.*)"', "案件文件中 {key} 的值“{value}”不在可选范围内。" + CASE_WORDS),
    (r"(?P<where>\S+) lacks (?P<keys>.+)", "案件文件的 {where} 部分缺少 {keys}。" + CASE_WORDS),
    (r"(?P<key>.+) must be a date", "案件文件中 {key} 应当是日期，例如 2016-12-29。" + CASE_WORDS),
    (r"(?P<key>.+) must be a text", "案件文件中 {key} 应当是带引号的文字，不能为空。" + CASE_WORDS),
    (r"(?P<key>.+) must be true or false", "案件文件中 {key} 应当是 true 或者 false。" + CASE_WORDS),
    (r"(?P<key>.+) must lie between 0 and 1", "案件文件中 {key} 应当在 0 到 1 之间，例如 30% 写成 0.3。" + CASE_WORDS),
    (r"(?P<key>.+) must be greater than 0", "案件文件中 {key} 应当大于 0。" + CASE_WORDS),
    (r"(?P<key>.+) must be a list of names", "案件文件中 {key} 应当是名称的列表。" + CASE_WORDS),
    (r"(?P<key>.+) must be a table|\[\[segments\]\] must be a list", "案件文件的结构有误。" + CASE_WORDS),
    (
        r".*The revelation date \(揭露日\) is not after the implementation date",
        "揭露日不晚于实施日。请核对案件文件中的两个日期。",
    ),
    (
        r".*The benchmark date \(基准日\).* is before",
        "基准日早于揭露日或 T1。请核对日期，或者不写基准日，由程序按规则确定。",
    ),
    (
        r".*A benchmark price .* without a benchmark date",
        "写了基准价，没有写基准日。请两项都写，或者都不写，由程序确定。",
    ),
    (
        r".*The benchmark date and price .* are not given and there are no market data",
        "案件文件没有给定基准日和基准价，也没有行情。请上传行情文件，或者在案件文件中给定这两项。",
    ),
    (r"Segments overlap", "几个区间重叠，有的买入会同时属于两次虚假陈述。请在案件文件 [method] 中写明 overlap。"),
    (r"Two segments have the same name", "两个区间的名称相同。" + CASE_WORDS),
    (r".*needs index data", "案件文件要求与指数对比，还没有指数文件。请上传指数文件。"),
    (r"The index data \(指数\) lack (?P<names>.+)", "指数文件里没有 {names}。请补上这些指数后重新上传。"),
    (r".* has no close on ", "行情或指数在需要的日期里缺少收盘数据。请补上缺少的日期后重新上传。"),
    (r".*needs a price path", "案件文件要求使用模拟价格，还没有模拟价格文件。请上传模拟价格文件。"),
    (r"The market data end", "行情结束得太早，还不能确定基准日。请补充以后的行情后重新上传。"),
    (r"The market data begin after T1", "行情从 T1 之后才开始。请补充揭露日起的行情后重新上传。"),
    (r"Cumulative turnover", "到行情的最后一天，累计换手率还没有达到规则要求。请补充以后的行情后重新上传。"),
    (r"Tradable shares", "行情缺少可流通股数，不能计算累计换手率。请补上这一列后重新上传。"),
    (r"(?P<name>\S+) has no meaning for a case of", "这类案件不使用指数和权益分派文件。请移除这些文件。"),
    (r'Investor ".*" is not in the trade records', "交易记录里没有这名投资者。请核对编号，大小写、零和空格都要一致。"),
    (
        r"--memory .*is too small",
        "每次测算的内存上限太小，放不下这么多交易记录，没有测算。" + MEMORY_WORDS,
    ),
    (
        r'Investor "(?P<investor>.+)" has (?P<rows>[\d,]+) records, too many for --memory',
        "投资者“{investor}”有{rows}条记录，超过了每次测算的内存上限，没有测算。请先核对这个编号是不是一个人；"
        "确实如此的，" + MEMORY_WORDS.removeprefix("请"),
    ),
    (
        r"The workbook is too large for --memory",
        "工作簿太大，超过了每次测算的内存上限。请另存为 CSV 或 Parquet 后重新上传，或者请平台管理员调高上限。",
    ),
    (
        r"The disk is too full for the spilled records",
        "磁盘剩余的空间放不下测算需要的临时数据，没有测算。请告诉平台管理员清理空间，之后重新开始。",
    ),
    (
        r"The spilled data in .+ are damaged|The spill folder .+ cannot be locked",
        "测算的临时数据损坏或者被占用，没有测算，原有内容没有改变。请重新开始；如果再次出现，请告诉平台管理员。",
    ),
    (
        r"There is no such file|The file cannot be read",
        "服务器上找不到或读不出这个文件。请重新上传；如仍不行，请告诉平台管理员。",
    ),
)
GIVEN = re.compile(r"^(?P<value>.+) was given$")


def place_text(place: Place | None) -> str:
    """Where in the input, as people here say it."""
    if place is None:
        return ""
    parts = [
        f"文件“{place.file}”" if place.file else "",
        f"工作表“{place.sheet}”" if place.sheet else "",
        f"第{place.row}行" if place.row is not None else "",
        f"“{place.column}”列" if place.column else "",
    ]
    return "".join(parts)


def chinese_terms(text: str) -> str:
    """`"investor" (投资者), "date" (成交日期)` -> 投资者（investor）、成交日期（date）."""
    return "、".join(
        f"{label}（{name}）" for name, label in re.findall(r'"([^"]+)" \(([^)]+)\)', text)
    ) or text  # fmt: skip


def in_words(error: FengqiaoError) -> str:
    """The sentence for people: what happened, where, what to do. What has none here keeps those of the engine."""
    where = place_text(error.place)
    for pattern, sentence in RULES:
        found = re.match(pattern, error.what)
        if found:
            values = {name: chinese_terms(value or "") for name, value in found.groupdict().items()}
            given = GIVEN.match(error.why)
            said = f"（给出的是 {given['value']}）" if given else ""
            head, stop, rest = sentence.format(**values).partition("。")
            if error.what.startswith("The case file is not valid TOML"):
                said = toml_place(error.why)
            return f"{where}{'：' if where else ''}{head}{said}{stop}{rest}"
    return f"{where}{'：' if where else ''}不能用于测算。测算程序的说明：{engine_text(error)}"


def toml_place(why: str) -> str:
    """Where a case file cannot be parsed, of what the parser says in English: (at line 3, column 10)."""
    found = re.search(r"at line (\d+), column (\d+)", why)
    if found:
        return f"（第{found[1]}行第{found[2]}个字符附近，请看括号、引号、等号是否成对、完整）"
    return "（文件末尾不完整）" if "end of document" in why else ""


def engine_text(error: FengqiaoError) -> str:
    """The engine's own words without the place."""
    return str(type(error)(error.what, why=error.why, todo=error.todo))
