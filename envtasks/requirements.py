"""Whether a text is a requirement (PEP 508) or a range of versions (PEP 440), with `packaging` loaded for odd ones only."""

from __future__ import annotations

import re
from functools import cache

#: A name with plain versions: most of what people write.
PLAIN_REQUIREMENT = re.compile(
    r"[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*(?:[<>=!]=[0-9]+(?:\.[0-9]+)*(?:,[<>=!]=[0-9]+(?:\.[0-9]+)*)*)?"
)
#: A range of plain versions: nearly all of them.
PLAIN_RANGE = re.compile(r"(?:[<>]=?|[=!]=)\s*[0-9]+(?:\.[0-9]+)*(?:\s*,\s*(?:[<>]=?|[=!]=)\s*[0-9]+(?:\.[0-9]+)*)*")
RANGE_HINT = "PEP 440 says how to write one, such as '>=3.9,<4'"
REQUIREMENT_HINT = "PEP 508 says how to write one, such as 'pytest>=8'"
#: What a range begins with, and no version, program or path does.
RANGE_BEGINS = ("<", ">", "=", "!", "~")


@cache
def everyday_requirement() -> re.Pattern[str]:
    """Nearly all of the rest, with extras and markers; compiled only where there is such a one."""
    name = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
    number = r"[0-9]+(?:\.[0-9]+)*"
    clause = rf"(?:(?:[<>]=?|[=!]=)\s*{number}|~=\s*[0-9]+(?:\.[0-9]+)+)(?:(?:a|b|rc|\.post|\.dev)[0-9]+)?"
    variable = (
        "(?:python_version|python_full_version|sys_platform|platform_system|os_name|platform_machine|extra"
        "|implementation_name|platform_python_implementation)"
    )
    marker = rf"{variable}\s*(?:[<>]=?|[=!~]=)\s*(?:'[^'\"]*'|\"[^'\"]*\")"
    return re.compile(
        rf"{name}(?:\[\s*{name}(?:\s*,\s*{name})*\s*\])?(?:\s*{clause}(?:\s*,\s*{clause})*)?"
        rf"(?:\s*;\s*{marker}(?:\s+(?:and|or)\s+{marker})*)?\s*",
        re.IGNORECASE | re.ASCII,
    )


def requirement_error(text: str) -> str | None:
    """Why the text is not a requirement (PEP 508), the text included, or None."""
    if PLAIN_REQUIREMENT.fullmatch(text) or everyday_requirement().fullmatch(text):
        return None
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        return f"{text!r}: {reason[:1].lower()}{reason[1:]}" if text else "it is empty"
    return None


def is_range(text: str) -> bool:
    """Whether the text is a range of versions (PEP 440); an empty one is."""
    if PLAIN_RANGE.fullmatch(text):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True
