"""The words of the mails as `make messages` would collect them from the templates today."""

from babel.messages.extract import extract_from_dir

from buyer_protection.adapters.mail import catalogue

_OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
Message = str | tuple[str, ...]


def extracted() -> list[Message]:
    """Every message, once; one with plural forms is a tuple of the singular and the plural."""
    found = extract_from_dir(
        catalogue.TEMPLATES,
        method_map=[("**.j2", "jinja2")],
        options_map={"**.j2": _OPTIONS | {"silent": "false"}},
    )
    return list(dict.fromkeys(message for _, _, message, _, _ in found))
