"""What the programs with MFA have in common: a user with a device that is enrolled by hand, and the removal of both."""
import tempfile
import uuid

import boto3


def make_user(iam):
    """A user with a key and an MFA device whose QR code is shown; asks for its first codes."""
    user = iam.create_user(UserName=f"person-{uuid.uuid4()}")
    print(f"Created user {user.name}.")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"device-{uuid.uuid4()}")
    with tempfile.NamedTemporaryFile(suffix=".png", delete=False) as image:
        image.write(device.qr_code_png)
    print(f"The QR code is in {image.name}: scan it with your authenticator app.")
    first = input("The code that the app shows: ")
    second = input("The code that it shows next: ")
    user.enable_mfa(SerialNumber=device.serial_number, AuthenticationCode1=first, AuthenticationCode2=second)
    print("The device is enabled.")
    return user, user.create_access_key_pair(), device


def sts_of(key):
    return boto3.client("sts", aws_access_key_id=key.id, aws_secret_access_key=key.secret)


def list_buckets(credentials):
    s3 = boto3.resource("s3", aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
                        aws_session_token=credentials["SessionToken"])
    print(f"Buckets: {[bucket.name for bucket in s3.buckets.all()]}")


def remove_user(user, device):
    for policy in user.policies.all():
        policy.delete()
    for key in user.access_keys.all():
        key.delete()
    for enabled in user.mfa_devices.all():
        enabled.disassociate()
    device.delete()
    user.delete()
    print("Removed the user and all that belonged to it.")
