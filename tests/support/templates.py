"""The templates that the server of the tests knows besides those built in (testdata/templates)."""
from support.bootstrap import OTHER_ACCOUNT
from support.server import ROOT

FOLDER = ROOT / "testdata" / "templates"
FLAGS = ["--role-templates", FOLDER / "roles", "--policy-templates", FOLDER / "policies"]

POWER_USER = "arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1"
EVERYTHING = "arn:aws:iam::aws:role-template/test.example.com/EverythingTemplate:1"
RETIRED = "arn:aws:iam::aws:role-template/test.example.com/RetiredTemplate:1"
BUCKET = f"arn:aws:iam::{OTHER_ACCOUNT}:delegation-template/bucket"
