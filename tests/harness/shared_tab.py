"""One page of a browser for the tests of a file: a page takes long to load."""

from dataclasses import dataclass

from tests.harness.browser import Tab


@dataclass
class SharedTab:
    """The tab of all tests of a file, and the number of the rooms that it has entered."""

    tab: Tab
    room_count: int = 0

    def in_new_room(self) -> Tab:
        """The tab in a room of its own, with the focus in the field."""
        self.room_count += 1
        return self.tab.enters_new_room(f"Room {self.room_count}")

    def clean_up(self, *, has_failed: bool) -> None:
        """Close the pages that the test has opened; after a failure, load the page again."""
        for page in self.tab.page.context.pages:
            if page is not self.tab.page:
                page.close()
        if has_failed:
            self.tab.opens()
        errors, self.tab.page_errors = self.tab.page_errors, []
        assert errors == []
