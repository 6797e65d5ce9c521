"""Documents: files as they were received."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Uploaded files, stored by content."""

    name = "fengqiao.portal.documents"
    label = "documents"
    verbose_name = "文件"
    audit_verbs: ClassVar = {"uploaded": "上传文件", "downloaded": "下载文件", "viewed": "预览文件"}
