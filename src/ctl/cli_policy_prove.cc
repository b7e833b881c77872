#include <string>

#include <CLI/CLI.hpp>

#include "ctl/cli_parts.h"
#include "ctl/commands.h"

// `signet policy prove ...`.
namespace signet::ctl {
namespace {

constexpr const char* kExitCodes =
    "Exit code 0: PASS, proved; 1: FAIL, with a request that shows it; 2: usage; 3: a file cannot "
    "be read; 4: UNKNOWN, "
    "neither proved nor refuted.\n";

// One question: what all have in common.
CLI::App* add_question(CLI::App& group,
                       PolicyProveOptions& prove,
                       Action& action,
                       const std::string& name,
                       const std::string& text,
                       const std::string& examples) {
  CLI::App* command = group.add_subcommand(name, text);
  command->add_option("--output", prove.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(kExitCodes + ("Guide: docs/guide/prove.md.\nExamples:\n" + examples));
  command->callback([&prove, &action, name] {
    prove.question = name;
    action = [&prove] {
      return policy_prove(prove);
    };
  });
  return command;
}

void add_profile(CLI::App& command, PolicyProveOptions& prove) {
  command.add_option("--profile", prove.profile, "What the documents are")
      ->check(CLI::IsMember({"identity", "boundary", "session", "trust", "bucket", "scp", "rcp"}))
      ->capture_default_str();
}

void add_known_actions(CLI::App& command, PolicyProveOptions& prove) {
  command.add_flag(
      "--known-actions",
      prove.only_known_actions,
      "Only actions that AWS has today; otherwise a pattern also grants those to come");
}

void add_comparison(CLI::App& command, PolicyProveOptions& prove) {
  command
      .add_option("--old",
                  prove.before,
                  "File with a policy document (repeatable), or with a whole question: "
                  "docs/reference/policy-batch.md, without action, resource and context")
      ->required();
  command.add_option("--new", prove.now, "The same of what is to take its place (repeatable)")
      ->required();
  add_profile(command, prove);
  add_known_actions(command, prove);
}

}  // namespace

void add_policy_prove(CLI::App& group, PolicyProveOptions& prove, Action& action) {
  CLI::App* proofs = group.add_subcommand(
      "prove", "Prove what policies can ever allow, or show a request that refutes it");
  proofs->require_subcommand(1);
  add_comparison(
      *add_question(
          *proofs,
          prove,
          action,
          "no-new-access",
          "The new policies allow nothing that the old ones do not",
          "  signet policy prove no-new-access --old deploy.json --new deploy-new.json\n"
          "  signet policy prove no-new-access --profile bucket --old bucket.json --new new.json\n"
          "  signet policy prove no-new-access --old question.json --new question-new.json"),
      prove);
  add_comparison(*add_question(*proofs,
                               prove,
                               action,
                               "equivalent",
                               "Old and new policies allow the same",
                               "  signet policy prove equivalent --old long.json --new short.json"),
                 prove);
  CLI::App* granted =
      add_question(*proofs,
                   prove,
                   action,
                   "access-not-granted",
                   "The policies never allow these actions on these resources",
                   "  signet policy prove access-not-granted --policy deploy.json --action iam:* \n"
                   "  signet policy prove access-not-granted --policy deploy.json \\\n"
                   "      --action s3:DeleteObject --resource 'arn:aws:s3:::backup/*'");
  granted->add_option("--policy", prove.now, "Document (repeatable), or a whole question")
      ->required();
  granted->add_option(
      "--action", prove.actions, "Action as in a policy (repeatable; default: any)");
  granted->add_option(
      "--resource", prove.resources, "Resource as in a policy (repeatable; default: any)");
  granted->add_option("--if", prove.conditions, "KEY=VALUE that holds of the request (repeatable)");
  add_profile(*granted, prove);
  add_known_actions(*granted, prove);
  CLI::App* open =
      add_question(*proofs,
                   prove,
                   action,
                   "no-public-access",
                   "The policy of a bucket or role lets in nobody whom it does not mean",
                   "  signet policy prove no-public-access --profile bucket bucket-policy.json");
  open->add_option("file", prove.now, "Document")->required()->expected(1);
  open->add_option("--profile", prove.profile, "What the document is")
      ->check(CLI::IsMember({"bucket", "trust"}))
      ->required();
  CLI::App* who = add_question(
      *proofs,
      prove,
      action,
      "who-can",
      "Which users and roles of a data folder can do this: always, never or under conditions",
      {});
  who->footer(
      "Answers: always, never, if (with Condition blocks of which one has to be met, proved), "
      "unknown (with a request of either kind).\n"
      "Exit code 0: all were answered; 2: usage; 3: the folder cannot be read; 4: some are "
      "unknown.\n"
      "Guide: docs/guide/prove.md.\nExample:\n"
      "  signet policy prove who-can --data ~/.local/share/signet --action s3:GetObject \\\n"
      "      --resource arn:aws:s3:::photos/a.png");
  who->add_option("--data", prove.data_folder, "Data folder, of a running server or a stopped one")
      ->required()
      ->check(CLI::ExistingDirectory);
  who->add_option("--action", prove.actions, "service:Name")->required()->expected(1);
  who->add_option("--resource", prove.resources, "ARN, whose own policy counts too")
      ->required()
      ->expected(1);
  who->add_option("--if", prove.conditions, "KEY=VALUE that holds of the request (repeatable)");
  CLI::App* what = add_question(
      *proofs,
      prove,
      action,
      "what-can",
      "What a user or role of a data folder can do: what each Allow statement comes to",
      {});
  what->footer(
      "Every Allow statement of its policies with everything that limits it: always, never, if "
      "(Condition blocks of which one has to be met, proved), unknown.\n"
      "Exit code 0: all were answered; 2: usage; 3: the folder cannot be read; 4: some are "
      "unknown.\n"
      "Guide: docs/guide/prove.md.\nExample:\n"
      "  signet policy prove what-can ann --data ~/.local/share/signet");
  what->add_option("principal", prove.principal, "ARN, or the name of a user or role")
      ->required()
      ->expected(1);
  what->add_option("--data", prove.data_folder, "Data folder, of a running server or a stopped one")
      ->required()
      ->check(CLI::ExistingDirectory);
  what->add_option("--if", prove.conditions, "KEY=VALUE that holds of the request (repeatable)");
  CLI::App* redundant =
      add_question(*proofs,
                   prove,
                   action,
                   "redundant",
                   "No statement can be left out without changing what is allowed",
                   "  signet policy prove redundant deploy.json");
  redundant->add_option("files", prove.now, "Documents, taken together")->required();
  add_profile(*redundant, prove);
}

}  // namespace signet::ctl
