"""Reads the three reports of one run with Python's own parsers and checks that they tell the same story.

usage: report_check.py RUN.json RUN.xml RUN.html
"""
import html.parser
import json
import sys
import xml.etree.ElementTree as ElementTree

VOID = {"meta", "br", "link", "hr", "img", "input"}


class Page(html.parser.HTMLParser):
    """Balanced tags, unique ids, links that lead somewhere, and nothing fetched from elsewhere."""

    def __init__(self):
        super().__init__()
        self.stack, self.ids, self.links, self.rows, self.pills = [], [], [], 0, []
        self.statements, self.labels, self.in_pill = [], [], False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.stack.append(tag)
        if "id" in attributes and "svg" not in self.stack:
            self.ids.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])
        assert tag != "script" and "src" not in attributes, tag
        if attributes.get("class", "").endswith("statement"):
            self.statements.append("")
        if tag == "td" and "data-label" in attributes:
            self.labels.append(attributes["data-label"])
        self.in_pill = tag == "span" and attributes.get("class", "").startswith("pill")

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-3:]} at {self.getpos()}"
        self.stack.pop()

    def handle_data(self, data):
        if self.stack[-4:] == ["tr", "td", "details", "summary"]:
            self.statements[-1] += data
        if self.in_pill:
            self.pills.append(data)
        self.in_pill = False


run = json.load(open(sys.argv[1], encoding="utf-8"), parse_constant=lambda name: sys.exit(f"{name} is no JSON"))
claims = {claim["id"]: claim for claim in run["claims"]}

suites = ElementTree.parse(sys.argv[2]).getroot()
cases = list(suites.iter("testcase"))
good = {"REFUTED"} if run["control"] else {"PROVED", "CONFIRMED"}
assert [f"{case.get('classname')}/{case.get('name')}" for case in cases] == list(claims)
for case, claim in zip(cases, claims.values()):
    children = [(child.tag, child.get("type")) for child in case]
    tag = "error" if claim["verdict"] == "UNDECIDED" else "failure"
    assert children == ([] if claim["verdict"] in good else [(tag, claim["verdict"])]), (claim["id"], children)
    float(case.get("time"))
for suite in [suites, *suites.iter("testsuite")]:
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        assert int(suite.get(attribute)) == len(list(suite.iter(tag))), attribute

page = Page()
page.feed(open(sys.argv[3], encoding="utf-8").read())
page.close()
assert not page.stack, page.stack
assert len(set(page.ids)) == len(page.ids), page.ids
assert [link[1:] for link in page.links] == list(claims) == page.ids
assert page.pills == 2 * [claim["verdict"] for claim in claims.values()], page.pills
assert page.statements == [claim["statement"] for claim in claims.values()], page.statements  # in full, to be opened
for label in ("Predicted", "Measured", "Left side", "Budget", "Width below", "Resolution", "Seconds"):
    assert label in page.labels, label  # for windows too narrow for columns
