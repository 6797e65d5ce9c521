"""Cases, their files, runs and results."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.documents.models import Document
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind


class MassCase(models.Model):
    """A case whose many investors are measured."""

    title = models.CharField("案件名称", max_length=120)
    security = models.CharField("证券代码", max_length=20, blank=True)
    note = models.TextField("备注", max_length=2000, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="修改人")
    updated_at = models.DateTimeField("修改时间")
    version = models.PositiveIntegerField("版本", default=1)
    runs_made = models.PositiveIntegerField("测算次数", default=0)
    demo_key = models.CharField("示例标识", max_length=60, unique=True, null=True, blank=True)
    published = models.ForeignKey(
        "MeasurementRun", models.PROTECT, related_name="+", null=True, blank=True, verbose_name="公布的测算"
    )
    """The run whose results the investors themselves see, each their own."""
    published_at = models.DateTimeField("公布时间", null=True, blank=True)

    class Meta:
        verbose_name = "测算案件"
        indexes = (
            models.Index(fields=("organisation", "id"), name="mass_case_newest"),
            models.Index(fields=("organisation", "title", "id"), name="mass_case_by_title"),
            models.Index(fields=("organisation", "security", "id"), name="mass_case_by_security"),
            models.Index(fields=("organisation", "updated_at", "id"), name="mass_case_by_change"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """What the case is called in letters: MC2026-0007."""
        return f"MC{self.created_at.year}-{self.pk:04d}"


class CaseInvestor(models.Model):
    """Whose the records under a number of the files are. The person sees their own published result when both their
    identity number and the mobile they confirmed are these."""

    case = models.ForeignKey(
        MassCase, models.PROTECT, related_name="people", db_index=False, verbose_name="案件"
    )  # an index below begins with it
    investor = models.CharField("投资者编号", max_length=200)
    number = SealedField("证件号码", purpose="case_investor.number", kind=Kind.IDENTITY_NUMBER, index=True)
    mobile = SealedField("手机号码", purpose="case_investor.mobile", kind=Kind.MOBILE)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    added_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "案件的投资者本人"
        constraints = (models.UniqueConstraint(fields=("case", "investor"), name="one_person_a_number"),)
        indexes = (models.Index(fields=("case", "id"), name="case_people_in_order"),)

    def __str__(self) -> str:
        return self.investor


class PeopleFile(models.Model):
    """A file that says whose the numbers of a case are: how far it is put down, and what came of its rows. The file
    itself is removed when that has ended; what it said stands sealed in the rows above."""

    case = models.ForeignKey(
        MassCase, models.PROTECT, related_name="people_files", db_index=False, verbose_name="案件"
    )  # an index below begins with it
    name = models.CharField("文件", max_length=255)
    sha256 = models.CharField("校验值", max_length=64)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", verbose_name="原件")
    job = models.OneToOneField(Job, models.PROTECT, related_name="+", verbose_name="后台任务")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    rows = models.PositiveIntegerField("已处理的行", default=0)
    new = models.PositiveIntegerField("新登记", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    same = models.PositiveIntegerField("与原登记相同", default=0)
    refused = models.PositiveIntegerField("没有登记", default=0)

    class Meta:
        verbose_name = "投资者本人的名单文件"
        indexes = (models.Index(fields=("case", "-id"), name="people_files_newest"),)

    def __str__(self) -> str:
        return self.name


class PeopleRefusal(models.Model):
    """A row of such a file that was not put down, and why."""

    people_file = models.ForeignKey(PeopleFile, models.CASCADE, related_name="refusals", db_index=False)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    row = models.BigIntegerField("行")
    investor = models.CharField("投资者编号", max_length=200, blank=True)
    reason = models.TextField("原因")

    class Meta:
        verbose_name = "没有登记的行"
        indexes = (models.Index(fields=("people_file", "id"), name="people_refusals_in_order"),)

    def __str__(self) -> str:
        return f"{self.sheet} {self.row}"

    @property
    def file(self) -> str:
        """The name of the file; it needs the file at hand (select_related)."""
        return self.people_file.name


class CaseInput(models.Model):
    """One file of a case in one part. A file that was replaced or removed stays, with the moment."""

    class Part(models.TextChoices):
        CASE = "case", "案件文件"
        TRADES = "trades", "交易记录"
        MARKET = "market", "行情"
        INDICES = "indices", "指数"
        ACTIONS = "actions", "权益分派"
        PATH = "path", "模拟价格"

    class Checked(models.TextChoices):
        GOOD = "good", "可以使用"
        WARNING = "warning", "可以使用，有提示"
        BAD = "bad", "不能使用"

    case = models.ForeignKey(MassCase, models.PROTECT, related_name="inputs", verbose_name="案件")
    part = models.CharField("用途", max_length=10, choices=Part)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="文件")
    checked = models.CharField("检查结果", max_length=10, choices=Checked)
    said = models.TextField("检查说明", blank=True)
    added_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "测算文件"
        constraints = (
            models.UniqueConstraint(
                fields=("case", "part"), condition=Q(removed_at=None) & ~Q(part="trades"), name="one_file_a_part"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.document.name}"


class ResultSet(models.Model):
    """The rows that one attempt at a run put into the tables; seen by nobody until the run names it."""

    run = models.ForeignKey("MeasurementRun", models.PROTECT, related_name="+", db_index=True)
    attempt = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "结果集"
        constraints = (models.UniqueConstraint(fields=("run", "attempt"), name="one_result_set_an_attempt"),)

    def __str__(self) -> str:
        return f"{self.run_id}/{self.attempt}"


class MeasurementRun(models.Model):
    """One measurement of a case: the files it was started on, and, when its job is done, what came of it."""

    case = models.ForeignKey(MassCase, models.PROTECT, related_name="runs", verbose_name="案件")
    number = models.PositiveIntegerField("第几次")
    inputs = models.JSONField("使用的文件", default=list)
    engine_version = models.CharField("程序版本", max_length=20)
    job = models.OneToOneField(Job, models.PROTECT, related_name="+", verbose_name="后台任务")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发起人")
    started_at = models.DateTimeField("发起时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    results = models.OneToOneField(ResultSet, models.PROTECT, null=True, blank=True, related_name="+")
    folder = models.CharField("结果位置", max_length=60, blank=True)
    summary = models.JSONField("结果概要", default=dict)
    seen_at = models.DateTimeField("首次查看时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "测算"
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="runs_are_numbered"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | (Q(results__isnull=False) & ~Q(folder="")), name="finished_has_results"
            ),
        )
        indexes = (models.Index(fields=("case", "-id"), name="runs_not_seen", condition=Q(seen_at=None)),)

    def __str__(self) -> str:
        return f"{self.case.title} 第{self.number}次测算"

    @property
    def is_finished(self) -> bool:
        """True when there are results."""
        return self.finished_at is not None


class MeasuredInvestor(models.Model):
    """What one investor of a run is to be awarded in one segment; amounts in fen, quantities in 1/10000 shares."""

    class Outcome(models.TextChoices):
        AWARDED = "awarded", "有应赔损失"
        NO_LOSS = "no_loss", "没有应赔损失"
        OUT_OF_SCOPE = "out_of_scope", "不在范围内"

    result_set = models.ForeignKey(ResultSet, models.PROTECT, related_name="+", db_index=False)
    investor = models.CharField("投资者编号", max_length=200)
    segment = models.CharField("区间", max_length=60)
    outcome = models.CharField("结论", max_length=12, choices=Outcome)
    scope = models.BigIntegerField("范围内股数")
    purchase_average = models.BigIntegerField("买入均价", null=True)
    difference = models.BigIntegerField("投资差额损失")
    awarded = models.BigIntegerField("扣除后损失")
    total = models.BigIntegerField("合计")
    remarks = models.TextField("提示", blank=True)

    class Meta:
        verbose_name = "投资者的测算结果"
        indexes = (
            models.Index(fields=("result_set", "id"), name="measured_in_order"),
            models.Index(fields=("result_set", "investor"), name="measured_by_investor"),
            models.Index(fields=("result_set", "total", "id"), name="measured_by_total"),
            models.Index(fields=("result_set", "difference", "id"), name="measured_by_difference"),
            models.Index(fields=("result_set", "outcome", "id"), name="measured_outcome"),
            models.Index(fields=("result_set", "outcome", "total", "id"), name="measured_outcome_total"),
            models.Index(fields=("result_set", "outcome", "difference", "id"), name="measured_outcome_difference"),
        )

    def __str__(self) -> str:
        return self.investor

    @property
    def address(self) -> str:
        """The page of this investor's statement; it needs the set at hand (select_related)."""
        return reverse("claims:statement", args=(self.result_set.run_id, self.pk))


class MeasuredFinding(models.Model):
    """What was noticed about the data of a run; the first ten thousand, all are in findings.csv."""

    result_set = models.ForeignKey(ResultSet, models.PROTECT, related_name="+", db_index=False)
    code = models.CharField("提示", max_length=40)
    file = models.CharField("文件", max_length=255)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    row = models.BigIntegerField("行", default=0)
    investor = models.CharField("投资者编号", max_length=200, blank=True)
    reason = models.TextField("说明")
    used = models.BooleanField("仍参与计算")

    class Meta:
        verbose_name = "数据提示"
        indexes = (
            models.Index(fields=("result_set", "id"), name="findings_in_order"),
            models.Index(fields=("result_set", "code", "id"), name="findings_by_code"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.file} {self.row}"
