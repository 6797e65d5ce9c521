"""Contents, stored once, and documents, their receipts."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from fengqiao.portal.accounts.models import Organisation


class Content(models.Model):
    """The bytes of a file, whoever sent them and however often."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV 表格"
        XLSX = "xlsx", "Excel 工作簿"
        XLS = "xls", "旧版 Excel 工作簿（xls）"
        PARQUET = "parquet", "Parquet 数据"
        TOML = "toml", "TOML 设置文件"
        PDF = "pdf", "PDF 文件"
        PNG = "png", "PNG 图片"
        JPEG = "jpeg", "JPEG 图片"
        WEBP = "webp", "WebP 图片"
        TIFF = "tiff", "TIFF 图片"
        DOCX = "docx", "Word 文档"
        DOC = "doc", "旧版 Word 文档（doc）"
        OFD = "ofd", "OFD 版式文件"
        ZIP = "zip", "ZIP 压缩包"
        TEXT = "text", "文本"
        OTHER = "other", "其他"

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    sm3 = models.CharField("SM3", max_length=64)
    size = models.BigIntegerField("大小")
    kind = models.CharField("类型", max_length=10, choices=Kind)
    encoding = models.CharField("文字编码", max_length=20, blank=True)
    stored_at = models.DateTimeField("存入时间")
    pages = models.PositiveIntegerField("可预览的页数", default=0)
    said = models.CharField("检查时的说明", max_length=500, blank=True)
    """What in it was made harmless in what is shown; empty when there is nothing to say."""

    class Meta:
        verbose_name = "文件内容"

    def __str__(self) -> str:
        return self.sha256


class Document(models.Model):
    """One receipt of a file: as it was named, from whom, for what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = models.ForeignKey(Content, models.PROTECT, related_name="documents", verbose_name="内容")
    name = models.CharField("文件名", max_length=255)
    subject_kind = models.CharField("所属类别", max_length=64)
    subject_id = models.CharField("所属编号", max_length=40)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="机构"
    )
    uploaded_at = models.DateTimeField("上传时间")
    made = models.BooleanField("由平台生成", default=False)
    replaces = models.OneToOneField(
        "self", models.PROTECT, related_name="replaced_by", null=True, blank=True, verbose_name="上一版本"
    )
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "文件"
        indexes = (models.Index(fields=("subject_kind", "subject_id", "uploaded_at"), name="documents_of_subject"),)

    def __str__(self) -> str:
        return self.name
