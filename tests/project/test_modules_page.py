"""`docs/modules.md` has a line for each module: the first sentence of its docstring."""

from tests.project.modules_page import PAGE, modules_page


def test_page_has_the_first_sentence_of_each_module() -> None:
    assert PAGE.read_text("utf-8") == modules_page(), "python -m tests.project.modules_page"
