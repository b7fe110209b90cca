"""The product codes in the core against the list of the Zorginstituut.

The list itself is not part of the project; where it is absent the comparison
is skipped.
"""
import csv
import os
import re

import pytest
from schema import ROOT

LIST = os.path.join(ROOT, os.pardir, "shared", "data", "jz21",
                    "productcodes.tsv")
TABLE = os.path.join(ROOT, "broker", "core", "products.c")
ROW = re.compile(r'\{ "(\w{5})", (\d+), (\d+), ([HOU]) \}')


def listed():
    path = os.environ.get("SCHAKEL_PRODUCTS", LIST)
    if not os.path.exists(path):
        pytest.skip("no product code list at ../shared/data/jz21: compared "
                    "only where it lies (or SCHAKEL_PRODUCTS names it)")
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def stay_of(words):
    if words.startswith("Zonder verblijf"):
        return "H"
    return "O" if words.startswith("Met verblijf") else "U"


def test_every_row_of_the_list_stands_in_the_core_as_it_is_published():
    def number(text):
        return 0 if text == "-" else int(text)
    rows = {row["productcode"]: (number(row["categorie"]),
                                 number(row["hulpvorm"]),
                                 stay_of(row["hulpvorm_omschrijving"]))
            for row in listed()}
    with open(TABLE, encoding="utf-8") as f:
        table = {code: (int(category), int(form), stay) for
                 code, category, form, stay in ROW.findall(f.read())}
    assert len(rows) == 450
    assert table == rows
