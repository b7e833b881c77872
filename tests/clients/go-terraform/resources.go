package main

import "strconv"

const (
	user        = "resource \"aws_iam_user\" \"beside\" {\n  name = \"tf-beside\"\n}\n"
	userWithAll = "resource \"aws_iam_user\" \"beside\" {\n  name          = \"tf-beside\"\n  force_destroy = true\n}\n"
	group       = "resource \"aws_iam_group\" \"beside\" {\n  name = \"tf-beside\"\n}\n"
	bucket      = "resource \"aws_s3_bucket\" \"beside\" {\n  bucket        = \"of-terraform-provider-beside\"\n  force_destroy = true\n" + encryption + "}\n"
	// The provider's own choice, private, is refused by buckets whose owner is enforced, as new ones are.
	object   = "bucket = \"${aws_s3_bucket.beside.id}\"\nkey = \"a b+c\"\nacl = \"bucket-owner-full-control\"\n"
	readOnly = `"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"`
	full     = `"arn:aws:iam::aws:policy/AmazonS3FullAccess"`
)

const statement = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", `

// AWS gives every bucket this since 2023, which this provider takes for a change where the configuration has none.
const encryption = "server_side_encryption_configuration {\n rule {\n apply_server_side_encryption_by_default {\n" +
	" sse_algorithm = \"AES256\"\n }\n }\n}\n"

func policy(action string) string {
	return "policy = " + strconv.Quote(statement+`"Action": "`+action+`", "Resource": "*"}]}`) + "\n"
}

var assume = "assume_role_policy = " +
	strconv.Quote(statement+`"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`) + "\n"

var role = "resource \"aws_iam_role\" \"beside\" {\n  name = \"tf-beside\"\n" + assume + "}\n"

var own = "resource \"aws_iam_policy\" \"beside\" {\n  name = \"tf-beside\"\n" + policy("s3:ListAllMyBuckets") + "}\n"

var resources = []one{
	{kind: "aws_iam_user", first: `name = "tf-user"`, second: "name = \"tf-renamed\"\npath = \"/team/\"\ntags = {\n a = \"b\"\n}",
		ignored: []string{"force_destroy"}},
	{kind: "aws_iam_access_key", beside: user, first: `user = "${aws_iam_user.beside.name}"`, isNotImported: true},
	{kind: "aws_iam_user_policy", beside: user, first: "name = \"p\"\nuser = \"${aws_iam_user.beside.name}\"\n" + policy("s3:ListAllMyBuckets"),
		second: "name = \"p\"\nuser = \"${aws_iam_user.beside.name}\"\n" + policy("s3:GetObject")},
	{kind: "aws_iam_user_policy_attachment", beside: user, first: "user = \"${aws_iam_user.beside.name}\"\npolicy_arn = " + readOnly,
		second: "user = \"${aws_iam_user.beside.name}\"\npolicy_arn = " + full, isNotImported: true},
	{kind: "aws_iam_group", first: `name = "tf-group"`, second: "name = \"tf-group\"\npath = \"/team/\""}, // it loses a group that it renames
	{kind: "aws_iam_group_membership", beside: user + group,
		first: "name = \"m\"\ngroup = \"${aws_iam_group.beside.name}\"\nusers = [\"${aws_iam_user.beside.name}\"]", isNotImported: true},
	{kind: "aws_iam_user_group_membership", beside: user + group,
		first: "user = \"${aws_iam_user.beside.name}\"\ngroups = [\"${aws_iam_group.beside.name}\"]", isNotImported: true},
	{kind: "aws_iam_group_policy", beside: group, first: "name = \"p\"\ngroup = \"${aws_iam_group.beside.name}\"\n" + policy("s3:ListAllMyBuckets"),
		second: "name = \"p\"\ngroup = \"${aws_iam_group.beside.name}\"\n" + policy("s3:GetObject"), isNotImported: true},
	{kind: "aws_iam_group_policy_attachment", beside: group, first: "group = \"${aws_iam_group.beside.name}\"\npolicy_arn = " + readOnly,
		isNotImported: true},
	{kind: "aws_iam_policy", first: "name = \"tf-policy\"\ndescription = \"some\"\n" + policy("s3:ListAllMyBuckets"),
		second: "name = \"tf-policy\"\ndescription = \"some\"\n" + policy("s3:GetObject")},
	{kind: "aws_iam_policy_attachment", beside: user + group + role + own,
		first: "name = \"all\"\nusers = [\"${aws_iam_user.beside.name}\"]\ngroups = [\"${aws_iam_group.beside.name}\"]\n" +
			"roles = [\"${aws_iam_role.beside.name}\"]\npolicy_arn = \"${aws_iam_policy.beside.arn}\"", isNotImported: true},
	{kind: "aws_iam_role", first: "name = \"tf-role\"\n" + assume,
		second:  "name = \"tf-role\"\ndescription = \"some\"\nmax_session_duration = 7200\ntags = {\n a = \"b\"\n}\npermissions_boundary = " + full + "\n" + assume,
		ignored: []string{"force_detach_policies"}},
	{kind: "aws_iam_role_policy", beside: role, first: "name = \"p\"\nrole = \"${aws_iam_role.beside.name}\"\n" + policy("s3:ListAllMyBuckets"),
		second: "name = \"p\"\nrole = \"${aws_iam_role.beside.name}\"\n" + policy("s3:GetObject")},
	{kind: "aws_iam_role_policy_attachment", beside: role, first: "role = \"${aws_iam_role.beside.name}\"\npolicy_arn = " + readOnly,
		isNotImported: true},
	{kind: "aws_iam_instance_profile", beside: role, first: "name = \"tf-profile\"\nrole = \"${aws_iam_role.beside.name}\""},
	{kind: "aws_iam_account_alias", first: `account_alias = "tf-alias"`, second: `account_alias = "tf-other-alias"`},
	{kind: "aws_iam_account_password_policy", first: "minimum_password_length = 12",
		second: "minimum_password_length = 14\nrequire_symbols = true\nallow_users_to_change_password = true"},
	{kind: "aws_iam_openid_connect_provider",
		first:  "url = \"https://tf.example.com\"\nclient_id_list = [\"a\"]\nthumbprint_list = [\"0000000000000000000000000000000000000001\"]",
		second: "url = \"https://tf.example.com\"\nclient_id_list = [\"a\"]\nthumbprint_list = [\"0000000000000000000000000000000000000002\"]"},
	{kind: "aws_iam_saml_provider", first: "name = \"tf-saml\"\nsaml_metadata_document = \"${file(\"metadata.xml\")}\""},
	{kind: "aws_iam_server_certificate",
		first:   "name = \"tf-certificate\"\ncertificate_body = \"${file(\"certificate.pem\")}\"\nprivate_key = \"${file(\"key.pem\")}\"",
		ignored: []string{"private_key"}, importID: "tf-certificate"},
	{kind: "aws_iam_service_linked_role", first: `aws_service_name = "elasticbeanstalk.amazonaws.com"`,
		second: "aws_service_name = \"elasticbeanstalk.amazonaws.com\"\ndescription = \"some\""},
	{kind: "aws_iam_user_login_profile", beside: userWithAll, // which the provider leaves to the user's force_destroy
		first:         "user = \"${aws_iam_user.beside.name}\"\npgp_key = \"${file(\"key.pgp\")}\"",
		isNotImported: true},
	{kind: "aws_iam_user_ssh_key", beside: user,
		first: "username = \"${aws_iam_user.beside.name}\"\nencoding = \"SSH\"\npublic_key = \"${file(\"key.ssh\")}\"", isNotImported: true},
	{kind: "aws_s3_bucket", first: "bucket = \"of-terraform-provider\"\n" + encryption,
		second: "bucket = \"of-terraform-provider\"\nforce_destroy = true\nversioning {\n enabled = true\n}\ntags = {\n a = \"b\"\n}\n" +
			"lifecycle_rule {\n id = \"old\"\n enabled = true\n prefix = \"old/\"\n expiration {\n days = 30\n }\n}\n" +
			"cors_rule {\n allowed_methods = [\"GET\"]\n allowed_origins = [\"https://example.com\"]\n}\n" +
			encryption,
		ignored: []string{"force_destroy", "acl"}},
	{kind: "aws_s3_bucket_object", beside: bucket,
		first:         object + "content = \"one\"",
		second:        object + "content = \"two\"\ncontent_type = \"text/plain\"\ntags = {\n a = \"b\"\n}",
		isNotImported: true},
	{kind: "aws_s3_bucket_policy", beside: bucket, first: "bucket = \"${aws_s3_bucket.beside.id}\"\npolicy = " + strconv.Quote(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", `+
			`"Resource": "arn:aws:s3:::of-terraform-provider-beside/kept/*"}]}`)},
	{kind: "aws_s3_bucket_public_access_block", beside: bucket, first: "bucket = \"${aws_s3_bucket.beside.id}\"\nblock_public_acls = true",
		second: "bucket = \"${aws_s3_bucket.beside.id}\"\nblock_public_policy = true"},
}
