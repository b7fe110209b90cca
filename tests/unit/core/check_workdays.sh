#!/bin/sh
# workdays_table.h is what its program writes.
set -eu
dir=$(dirname "$0")
/usr/bin/python3 "$dir/make_workdays.py" | cmp - "$dir/workdays_table.h"
