"""`fengqiao form`: a document written, a list shown, bad data answered with a sentence."""

from __future__ import annotations

import json

from fengqiao.cli.main import main


def test_a_document_is_written(tmp_path, capsys):
    assert main(["form", "power_of_attorney", "--sample"]) == 0
    (tmp_path / "d.json").write_text(capsys.readouterr().out, encoding="utf-8")
    for kind, head in (("pdf", b"%PDF"), ("docx", b"PK")):
        out = tmp_path / f"a.{kind}"
        assert main(["form", "power_of_attorney", "--data", str(tmp_path / "d.json"), "--out", str(out)]) == 0
        assert out.read_bytes().startswith(head)
    assert main(["form", "--list"]) == 0
    (tmp_path / "half.json").write_text('{"matter": "出庭"}', encoding="utf-8")
    out = tmp_path / "half.pdf"
    assert main(["form", "power_of_attorney", "--data", str(tmp_path / "half.json"), "--out", str(out), "--draft"]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert "调解协议书" in capsys.readouterr().out


def test_bad_data_get_a_sentence(tmp_path, capsys):
    file, out = tmp_path / "d.json", tmp_path / "a.pdf"
    for content, words in (("{", "not JSON"), ("[]", "not an object"), (json.dumps({"matter": 1}), "没有填写")):
        file.write_text(content, encoding="utf-8")
        assert main(["form", "power_of_attorney", "--data", str(file), "--out", str(out)]) == 2
        assert words in capsys.readouterr().err
    assert main(["form", "power_of_atorney", "--sample"]) == 2
    assert 'did you mean "power_of_attorney"' in capsys.readouterr().err
    assert not out.exists()
