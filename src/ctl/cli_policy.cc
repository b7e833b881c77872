#include <string>

#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"
#include "ctl/commands.h"
#include "model/arn.h"

// `signet policy check | explain | eval | import`; cli_policy_prove.cc has `prove`.
namespace signet::ctl {
namespace {

void add_policy_check(CLI::App& group, PolicyCheckOptions& check, Action& action) {
  CLI::App* command = group.add_subcommand(
      "check", "Check policy documents: what AWS refuses when they are saved, and findings");
  command->add_option("files", check.files, "Files, or - for standard input")->required();
  command->add_option("--profile", check.profile, "What the document is")
      ->check(CLI::IsMember({"identity", "boundary", "session", "trust", "bucket", "scp", "rcp"}))
      ->capture_default_str();
  command->add_option(
      "--bucket",
      check.bucket,
      "Name of the bucket (profile bucket); default: the one the document names first");
  command->add_option("--format", check.format, "text, json or sarif")
      ->check(CLI::IsMember({"text", "json", "sarif"}))
      ->capture_default_str();
  command->add_option("--fail-on", check.fail_on, "Least severity that makes the command fail")
      ->check(CLI::IsMember({"error", "security-warning", "warning", "suggestion"}))
      ->capture_default_str();
  command->add_option("--ignore",
                      check.ignored,
                      "Finding to leave out, by our name or AWS's issue code (repeatable)");
  command
      ->add_option("--known-account",
                   check.known_accounts,
                   "Account that exists here; principals of others get a note (repeatable)")
      ->check(CLI::Validator(
          [](const std::string& id) {
            return model::is_account_id(id) ? std::string()
                                            : "an account id has twelve digits, not \"" + id + "\"";
          },
          "ACCOUNT"));
  command
      ->add_option("--data",
                   check.data_folder,
                   "Data folder whose accounts exist here, of a running server or a stopped one "
                   "(default: none is asked)")
      ->check(CLI::ExistingDirectory);
  command->footer(
      "Exit code 0: no finding of that severity; 1: findings; 2: usage; 3: a file or "
      "folder cannot be read.\n"
      "All findings: docs/reference/policy-findings.md.\n"
      "Examples:\n"
      "  signet policy check --profile trust role.json\n"
      "  signet policy check --profile trust --data ~/.local/share/signet role.json\n"
      "  signet policy check --ignore PASS_ROLE_WITH_STAR_IN_RESOURCE deploy.json\n"
      "  signet policy check --format sarif --fail-on warning policies/*.json > findings.sarif");
  command->callback([&] {
    action = [&check] {
      return policy_check(check);
    };
  });
}

void add_policy_explain(CLI::App& group,
                        const server::Options& options,
                        PolicyExplainOptions& explain,
                        Action& action) {
  CLI::App* command = group.add_subcommand(
      "explain", "Say why a request is allowed or denied: every statement, part by part");
  command->add_option("file", explain.file, "Question as one JSON object, or - for standard input");
  command->add_option("--principal", explain.principal, "ARN or service; absent: anonymous");
  command->add_option("--action", explain.action, "service:Name");
  command->add_option("--resource", explain.resource, "ARN")->capture_default_str();
  command->add_option("--resource-account", explain.resource_account, "Owner of the resource");
  command->add_option("--context", explain.context, "KEY=VALUE; a repeated key is a list");
  CLI::Option* data =
      command->add_option("--data",
                          explain.data_folder,
                          "Data folder, of a running server or a stopped one, that fills in "
                          "policies, tags and context; "
                          "--principal may then be a name (default: files say everything)");
  CLI::Option* request = command->add_option(
      "--request-id",
      explain.request_id,
      "Explain this request of the folder's audit trail (default folder: that of serve)");
  command
      ->add_option(
          "--audit",
          explain.audit_file,
          "Its audit file (default DATA/audit.jsonl); without --data the record alone is told")
      ->needs(request);
  const auto add_files = [&](const std::string& name, auto& files, const std::string& text) {
    command->add_option(name, files, text)->excludes(data)->excludes(request);
  };
  add_files("--policy", explain.policies, "Identity policy file (repeatable)");
  add_files("--boundary", explain.boundaries, "Permissions boundary file");
  add_files("--session-policy", explain.session_policies, "Session policy file");
  add_files(
      "--resource-policy", explain.resource_policy, "Bucket policy or role trust policy file");
  add_files("--scp", explain.scps, "SCP file, one a level, root first (repeatable)");
  add_files("--rcp", explain.rcps, "RCP file, one a level, root first (repeatable)");
  command->add_option("--format", explain.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      "Exit code 0: explained, whatever the verdict; 2: usage; 3: the question cannot be read.\n"
      "Examples:\n"
      "  signet policy explain --data ~/.local/share/signet --request-id 7d0c3f1e-...\n"
      "  signet policy explain --data ~/.local/share/signet --principal ana \\\n"
      "      --action s3:GetObject --resource arn:aws:s3:::photos/a.png\n"
      "  signet policy explain --principal arn:aws:iam::111122223333:user/ana \\\n"
      "      --action s3:GetObject --resource arn:aws:s3:::photos/a.png --policy ana.json \\\n"
      "      --context aws:SourceIp=192.0.2.7\n"
      "  signet policy explain --format json question.json");
  command->callback([&] {
    if (!explain.request_id.empty() && explain.data_folder.empty() && explain.audit_file.empty()) {
      explain.data_folder = options.data_folder;
    }
    action = [&explain] {
      return policy_explain(explain);
    };
  });
}

void add_policy_generate(CLI::App& group,
                         const server::Options& options,
                         PolicyGenerateOptions& generate,
                         Action& action) {
  CLI::App* command = group.add_subcommand(
      "generate", "Write the smallest policy that allows what a user or role did");
  command->add_option("--principal", generate.principal, "ARN of a user, a role or its session")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& arn) {
            return model::split_arn(arn) ? std::string()
                                         : "it is named by its ARN, not \"" + arn + "\"";
          },
          "ARN"));
  command->add_option("--data",
                      generate.data_folder,
                      "Data folder whose audit trail is read (default: that of serve)");
  command->add_option(
      "--from", generate.trails, "Audit file (repeatable; default: all of the folder's trail)");
  command->add_option("--since", generate.since, "First day or time that counts, as in 2026-11-01");
  command->add_option("--until", generate.until, "Last day or time that counts");
  command->add_option("--generalize",
                      generate.patterns,
                      "Resource with * or ? that stands for those it matches (repeatable)");
  command->footer(
      "Only calls that were allowed count. Nothing is generalized unasked: --generalize says "
      "what.\n"
      "The policy goes to standard output, what is to be known of it to standard error.\n"
      "Exit code 0: written; 1: nothing was recorded; 2: usage; 3: a file cannot be read.\n"
      "Examples:\n"
      "  signet policy generate --principal arn:aws:iam::111122223333:role/deploy\n"
      "  signet policy generate --principal arn:aws:iam::111122223333:user/ana \\\n"
      "      --since 2026-11-01 --generalize 'arn:aws:s3:::photos/*' > ana.json");
  command->callback([&] {
    if (generate.data_folder.empty()) {
      generate.data_folder = options.data_folder;
    }
    action = [&generate] {
      return policy_generate(generate);
    };
  });
}

void add_policy_eval(CLI::App& group, bool& is_batch, Action& action) {
  CLI::App* command =
      group.add_subcommand("eval", "Decide JSON lines from standard input, one decision a line");
  command->add_flag("--batch", is_batch, "Questions on standard input, answers on standard output")
      ->required();
  command->footer(
      "The lines are described in docs/reference/policy-batch.md.\n"
      "Exit code 0: every line was decided; 1: some lines gave an error.\n"
      "Example:\n  signet policy eval --batch < questions.jsonl > decisions.jsonl");
  command->callback([&] {
    action = [] {
      return policy_eval_batch();
    };
  });
}

}  // namespace

void add_policy(CLI::App& app, server::Options& options, PolicyFlags& flags, Action& action) {
  CLI::App* group = app.add_subcommand("policy", "Policy documents");
  group->require_subcommand(1);
  add_policy_check(*group, flags.check, action);
  add_policy_explain(*group, options, flags.explain, action);
  add_policy_generate(*group, options, flags.generate, action);
  add_policy_eval(*group, flags.is_batch, action);
  add_policy_prove(*group, flags.prove, action);
  CLI::App* import = group->add_subcommand(
      "import",
      "Add AWS-managed policies from a folder of JSON files, all or none (server stopped)");
  add_data_folder(*import, options);
  add_audit_file(*import, options);
  import
      ->add_option(
          "folder", flags.folder, "Folder of files {\"name\", \"path\", \"document\", ...}")
      ->required()
      ->check(CLI::ExistingDirectory);
  import->footer("Example:\n  signet policy import ./aws-managed-policies");
  import->callback([&] {
    action = [&options, &flags] {
      return policy_import(options, flags.folder);
    };
  });
}

}  // namespace signet::ctl
