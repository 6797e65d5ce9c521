"""Every command is found, whether the whole command line is loaded or only the part that is wanted."""

from __future__ import annotations

import argparse

import pytest

from fengqiao.cli.main import COMMANDS, build_parser


def choices(parser: argparse.ArgumentParser) -> set[str]:
    """The commands of a parser."""
    actions = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return set(actions[0].choices)


def test_the_table_names_every_command() -> None:
    assert choices(build_parser()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_part_of_the_command_line_holds_its_command(command: str) -> None:
    assert command in choices(build_parser(command))


def test_what_is_not_known_gets_the_whole_list() -> None:
    assert choices(build_parser("lost")) == set(COMMANDS)
