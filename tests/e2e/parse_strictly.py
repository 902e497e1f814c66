"""Reads expositions (FILE.prom, FILE.om) with the parsers of prometheus_client and prints what they hold as JSON."""

import json
import sys

from prometheus_client import openmetrics, parser
import prometheus_client.openmetrics.parser

READERS = {"prom": parser.text_string_to_metric_families, "om": openmetrics.parser.text_string_to_metric_families}


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        families = list(READERS[path.rpartition(".")[2]](file.read()))
    return [
        {
            "family": family.name,
            "type": family.type,
            "help": family.documentation,
            "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
        }
        for family in families
    ]


result = {}
for path in sys.argv[1:]:
    try:
        result[path] = read(path)
    except ValueError as error:
        result[path] = str(error)
json.dump(result, sys.stdout)
