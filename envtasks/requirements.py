"""Whether a text is a requirement (PEP 508) or a range of versions (PEP 440), with `packaging` loaded for odd ones only."""

from __future__ import annotations

import re
from functools import cache

#: How a clause of a range begins, longer ones first.
OPERATORS = ("<=", ">=", "==", "!=", "~=", "<", ">")
RANGE_HINT = "PEP 440 says how to write one, such as '>=3.9,<4'"
REQUIREMENT_HINT = "PEP 508 says how to write one, such as 'pytest>=8'"
#: What a range begins with, and no version, program or path does.
RANGE_BEGINS = ("<", ">", "=", "!", "~")


def is_plain_requirement(text: str) -> bool:
    """Whether it is a name with plain versions, as most are; compiling a pattern for them would cost more than all."""
    cut = next((index for index, char in enumerate(text) if char in "<>=!~"), len(text))
    name = text[:cut].rstrip(" ")
    return is_plain_name(name) and (cut == len(text) == len(name) or is_plain_range(text[cut:]))


def is_plain_name(name: str) -> bool:
    letters = name.replace("-", "").replace("_", "").replace(".", "")
    return name.isascii() and letters.isalnum() and name[0].isalnum() and name[-1].isalnum()


def is_plain_range(text: str) -> bool:
    return all(is_plain_clause(clause.strip(" ")) for clause in text.split(","))


def is_plain_clause(clause: str) -> bool:
    operator = next((one for one in OPERATORS if clause.startswith(one)), "")
    numbers = clause[len(operator) :].lstrip(" ").split(".")
    plain = clause.isascii() and all(number.isdigit() for number in numbers)
    return bool(operator) and plain and (operator != "~=" or len(numbers) > 1)


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
    if is_plain_requirement(text) or everyday_requirement().fullmatch(text):
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
    if is_plain_range(text):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True
