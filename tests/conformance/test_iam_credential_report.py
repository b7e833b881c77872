"""The credential report through boto3: asked for, made, kept for four hours, and what it tells."""
import csv
import datetime
import io

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import Keys
from support.browser import Browser
from support.data_folder import home, serve  # noqa: F401
from support.openssl import OpenSsl
from support.people import allow, create_user, enrol, error_code, poll

COLUMNS = ["user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
           "password_next_rotation", "mfa_active",
           *(f"access_key_{number}_{what}" for number in (1, 2)
             for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")),
           *(f"cert_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated"))]
HOUR = 3600


def make(iam):
    """Asks until the report is there, as clients do; (rows by user, the answer of GetCredentialReport)."""
    poll(lambda: iam.generate_credential_report()["State"] == "COMPLETE", seconds=10)
    answer = iam.get_credential_report()
    assert answer["ReportFormat"] == "text/csv"
    reader = csv.DictReader(io.StringIO(answer["Content"].decode()))
    rows = list(reader)
    assert reader.fieldnames == COLUMNS
    return {row["user"]: row for row in rows}, answer


def stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_sign_in_is_the_passwords_last_use(admin_iam, server):
    admin_iam.create_user(UserName="ann")
    admin_iam.create_login_profile(UserName="ann", Password="Correct-horse-1")
    browser = Browser(server)
    assert browser.sign_in(user="ann", password="wrong-but-long-enough").status == 401
    assert "PasswordLastUsed" not in admin_iam.get_user(UserName="ann")["User"]
    assert browser.sign_in(user="ann", password="Correct-horse-1").status == 303
    used = admin_iam.get_user(UserName="ann")["User"]["PasswordLastUsed"]
    assert abs((used - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60
    [listed] = [user for user in admin_iam.list_users()["Users"] if user["UserName"] == "ann"]
    assert listed["PasswordLastUsed"] == used
    assert make(admin_iam)[0]["ann"]["password_last_used"] == stamp(used)


def test_states_and_the_four_hours(admin_iam, shift_time):
    with refused("ReportNotPresent", status=410) as error:
        admin_iam.get_credential_report()
    assert "Message" not in error.response["Error"]
    started = admin_iam.generate_credential_report()
    assert (started["State"], started["Description"]) == ("STARTED",
                                                          "No report exists. Starting a new report generation task")
    rows, first = make(admin_iam)
    assert list(rows)[0] == "<root_account>" and not first["Content"].endswith(b"\n")
    completed = admin_iam.generate_credential_report()
    assert completed["State"] == "COMPLETE" and "Description" not in completed

    admin_iam.create_user(UserName="newcomer")
    shift_time(4 * HOUR - 60)
    again = admin_iam.get_credential_report()
    assert (again["Content"], again["GeneratedTime"]) == (first["Content"], first["GeneratedTime"])
    shift_time(120)
    with refused("ReportExpired", status=410):
        admin_iam.get_credential_report()
    assert admin_iam.generate_credential_report()["State"] == "STARTED"
    rows, second = make(admin_iam)
    assert "newcomer" in rows and second["GeneratedTime"] > first["GeneratedTime"]


def test_what_is_asked_for_is_in_progress_until_it_is_made(admin_iam):
    admin_iam.generate_credential_report()
    seen = {error_code(admin_iam.get_credential_report), admin_iam.generate_credential_report()["State"]}
    assert seen <= {"ReportInProgress", None, "INPROGRESS", "COMPLETE"}
    make(admin_iam)


def test_rows_tell_the_state_of_every_credential(aws, admin_iam, clock, tmp_path):
    openssl = OpenSsl(tmp_path)
    user, keys = create_user(admin_iam, "Ann", allow("iam:GetUser"))
    second = admin_iam.create_access_key(UserName="Ann")["AccessKey"]
    admin_iam.create_login_profile(UserName="Ann", Password="Correct-horse-1")
    admin_iam.update_account_password_policy(MaxPasswordAge=90)
    enrol(admin_iam, "Ann", clock)
    aws.iam(keys).get_user()
    admin_iam.update_access_key(UserName="Ann", AccessKeyId=second["AccessKeyId"], Status="Inactive")
    certificate = admin_iam.upload_signing_certificate(UserName="Ann",
                                                       CertificateBody=openssl.certificate().pem)["Certificate"]
    admin_iam.create_user(UserName="bare", Path="/a,b/")
    poll(lambda: admin_iam.get_access_key_last_used(AccessKeyId=keys.access_key)["AccessKeyLastUsed"].get("LastUsedDate"))

    rows, _ = make(admin_iam)

    ann = rows["Ann"]
    assert (ann["arn"], ann["user_creation_time"]) == (user["Arn"], stamp(user["CreateDate"]))
    assert (ann["password_enabled"], ann["password_last_used"], ann["mfa_active"]) == ("true", "no_information", "true")
    profile = admin_iam.get_login_profile(UserName="Ann")["LoginProfile"]
    assert ann["password_last_changed"] == stamp(profile["CreateDate"])
    assert ann["password_next_rotation"] > ann["password_last_changed"]
    used = admin_iam.get_access_key_last_used(AccessKeyId=keys.access_key)["AccessKeyLastUsed"]
    assert [ann[f"access_key_1_{name}"] for name in ("active", "last_used_date", "last_used_region", "last_used_service")] == [
        "true", stamp(used["LastUsedDate"]), "us-east-1", "iam"]
    assert [ann[f"access_key_2_{name}"] for name in ("active", "last_rotated", "last_used_date")] == [
        "false", stamp(second["CreateDate"]), "N/A"]
    assert [ann[name] for name in COLUMNS[-4:]] == ["true", stamp(certificate["UploadDate"]), "false", "N/A"]
    bare = rows["bare"]
    assert bare["arn"] == f"arn:aws:iam::{bootstrap.ACCOUNT}:user/a,b/bare"
    assert {bare[name] for name in COLUMNS[3:]} == {"false", "N/A"}
    root = rows["<root_account>"]
    assert (root["arn"], root["password_next_rotation"]) == (f"arn:aws:iam::{bootstrap.ACCOUNT}:root", "not_supported")
    assert root["access_key_1_active"] == "true"
    names = [name for name in rows if name != "<root_account>"]
    assert names == sorted(names, key=str.lower)


def test_a_report_survives_a_restart(home):
    first = serve(home).start()
    _, before = make(Aws(first.url, home).iam(bootstrap.ADMIN))
    assert first.stop() == 0
    second = serve(home).start()
    iam = Aws(second.url, home).iam(bootstrap.ADMIN)
    assert iam.get_credential_report()["Content"] == before["Content"]
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert second.stop() == 0


def test_both_operations_are_permitted_by_themselves(aws, admin_iam):
    _, keys = create_user(admin_iam, "auditor", allow("iam:GenerateCredentialReport"))
    iam = aws.iam(Keys(keys.access_key, keys.secret_key))
    assert iam.generate_credential_report()["State"] == "STARTED"
    with refused("AccessDenied", "iam:GetCredentialReport on resource: *", status=403):
        iam.get_credential_report()
