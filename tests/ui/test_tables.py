"""Rows that say what each of their parts is, whoever wrote them."""

from markupsafe import Markup

from shared.ui.tables import stacked

HEADS = ["Who", {"text": 'How "many" & <why>', "numeric": True}, "When"]


def test_each_part_says_what_it_is_and_each_cell_its_column():
    row = '<tr class="a"><th scope="row">Sam</th><td class="b">3</td><td>now</td></tr>'

    said = stacked(Markup(row + row), HEADS)

    assert said == 2 * (
        '<tr role="row" class="a"><th role="rowheader" scope="row">Sam</th>'
        '<td role="cell" data-label="How &#34;many&#34; &amp; &lt;why&gt;" class="b">3</td>'
        '<td role="cell" data-label="When">now</td></tr>'
    )


def test_a_cell_with_nothing_in_it_says_no_column():
    said = stacked(Markup("<tr><td>Sam</td><td>\n  </td><td>now</td></tr>"), HEADS)

    assert said == (
        '<tr role="row"><td role="cell" data-label="Who">Sam</td><td role="cell">\n  </td>'
        '<td role="cell" data-label="When">now</td></tr>'
    )


def test_what_people_wrote_is_no_part_of_a_table():
    said = stacked(Markup("<tr><td>{}</td></tr>").format("<td>x</td>"), ["Who"])

    assert said.count("role=") == 2
    assert "&lt;td&gt;x&lt;/td&gt;" in said
    assert stacked("<td>plain</td>", ["Who"]) == "&lt;td&gt;plain&lt;/td&gt;"  # type: ignore[arg-type]


def test_a_cell_beyond_the_last_column_says_none():
    said = stacked(Markup("<tr><td>Sam</td><td>more</td></tr>"), ["Who"])

    assert '<td role="cell">more</td>' in said
