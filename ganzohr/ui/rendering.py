"""How forms are drawn: every `{{ form }}` and `{{ form.name.as_field_group }}` by our templates."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Label, field, hint and errors in words."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
