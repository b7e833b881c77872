#pragma once

#include <cstdint>
#include <string_view>

#include "audit/sink.h"
#include "identity/trail.h"

namespace signet::server {

// The directory's lines go to the audit file.
class DirectoryTrail final : public identity::Trail {
 public:
  explicit DirectoryTrail(audit::Sink& sink) : sink_(sink) {}

  void keep(std::uint64_t number, std::string_view lines) override;
  void keep_again(std::uint64_t number, std::string_view lines) override;
  [[nodiscard]] std::uint64_t settled() override;
  void settle() override;

 private:
  audit::Sink& sink_;
};

}  // namespace signet::server
