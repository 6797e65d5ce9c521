"""How forms look: every {{ form }} and {{ field.as_field_group }} has label, help and errors in their places."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting

WIDGETS = "django/forms/widgets/"
PLAIN = {"hidden", "multiple_hidden", "radio", "checkbox_select", "checkbox", "radio_option", "checkbox_option"}


class Renderer(TemplatesSetting):
    """Our templates for forms and fields, Tabler's classes on Django's widgets."""

    form_template_name = "shell/form.html"
    field_template_name = "shell/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Give a widget the class it looks right with, unless it brings one."""
        widget = context.get("widget")
        if widget and template_name.startswith(WIDGETS):
            kind = template_name.removeprefix(WIDGETS).removesuffix(".html")
            if kind == "checkbox":
                widget["attrs"].setdefault("class", "form-check-input")
            elif kind.startswith("select"):
                widget["attrs"].setdefault("class", "form-select")
            elif kind not in PLAIN and "option" not in kind:
                widget["attrs"].setdefault("class", "form-control")
        return super().render(template_name, context, request)
