#include <algorithm>
#include <limits>
#include <utility>

#include "http/impl/connection.h"
#include "http/impl/memory_blocks.h"

// Where received bytes go. What a connection holds beyond its first block is counted in the loop's
// budget: before it grows, where that can be refused, and afterwards for answers.
namespace signet::http {
namespace {

// Of a streamed body, and of one that is kept or thrown away: the latter are often not even
// authenticated.
constexpr std::size_t kStreamStage = std::size_t{64} * 1024;
constexpr std::size_t kSmallStage = std::size_t{8} * 1024;

constexpr Refusal kNoRoom{503, "The server has no memory for this request at the moment."};

// Short strings lie in their object.
std::size_t counted(const std::string& text) {
  return text.capacity() > sizeof(std::string) ? text.capacity() : 0;
}

std::size_t counted(std::size_t block) {
  return block > kKeptBlock ? block : 0;
}

}  // namespace

std::uint64_t Connection::memory_held() const {
  return (stage_ != nullptr ? stage_size_ : 0) + counted(in_.capacity()) + counted(body_) +
         counted(tail_) + counted(out_.capacity()) + (next_piece_ ? counted(*next_piece_) : 0);
}

bool Connection::afford(std::uint64_t more) {
  const std::uint64_t wanted = memory_held() + more;
  if (loop_.budget == nullptr || wanted <= charged_) {
    return true;
  }
  if (!loop_.budget->take(peer_.lease.get(), wanted - charged_)) {
    return false;
  }
  charged_ = wanted;
  return true;
}

void Connection::settle_memory() {
  const std::uint64_t held = memory_held();
  if (loop_.budget == nullptr || held == charged_) [[likely]] {
    return;
  }
  if (held > charged_) {
    loop_.budget->take_always(peer_.lease.get(), held - charged_);
  } else {
    loop_.budget->give_back(peer_.lease.get(), charged_ - held);
  }
  charged_ = held;
}

std::span<char> Connection::room() {
  if (is_reading_stage_) {
    return {stage_.get(), stage_size_};
  }
  borrow_head_memory();
  return in_.room();
}

void Connection::borrow_head_memory() {
  if (in_.capacity() != 0) {
    return;
  }
  HeadMemory memory = loop_.spare_heads.take();
  in_ = std::move(memory.bytes);
  parser_.lend(std::move(memory.fields));
  if (in_.capacity() == 0) {
    in_.make_room(kFirstBlock);
  }
}

// Nothing received may be left.
void Connection::give_head_memory_back() {
  if (in_.capacity() == 0) {
    return;
  }
  HeadMemory memory{.bytes = std::exchange(in_, {}), .fields = parser_.take_back()};
  if (memory.bytes.capacity() <= kKeptBlock) {
    loop_.spare_heads.give(std::move(memory));
  }
}

// False: there is no memory for more of this head.
bool Connection::make_head_room() {
  if (in_.room().size() >= kFirstBlock / 4) {
    return true;
  }
  const bool is_full = in_.data().size() + kFirstBlock / 4 > in_.capacity();
  const std::size_t capacity = is_full ? std::max(kFirstBlock, in_.capacity() * 2) : in_.capacity();
  if (!afford(counted(capacity) - counted(in_.capacity()))) {
    return false;
  }
  in_.make_room(capacity);
  return true;
}

// Appends to the buffered body. False: there is no memory for it.
bool Connection::keep_piece(std::string_view piece) {
  const std::size_t needed = body_.size() + piece.size();
  if (needed > body_.capacity()) {
    const std::uint64_t whole =
        framing_ == Framing::Counted ? needed + body_left_ : plan_.max_bytes;
    const std::size_t capacity = std::max<std::size_t>(
        needed, std::min<std::uint64_t>(whole, 2 * static_cast<std::uint64_t>(body_.capacity())));
    if (!afford(capacity - counted(body_))) {
      return false;
    }
    body_.reserve(capacity);
  }
  body_.append(piece);
  return true;
}

// False: there is no memory for a block to read into.
bool Connection::read_stage() {
  if (stage_ == nullptr) {
    const bool is_stream = phase_ == Phase::Body && plan_.mode == BodyPlan::Mode::Stream;
    const std::size_t size = is_stream ? kStreamStage : kSmallStage;
    if (!afford(size)) {
      return false;
    }
    stage_size_ = size;
    stage_ = std::make_unique_for_overwrite<char[]>(size);
  }
  is_reading_ = true;
  is_reading_stage_ = true;
  transport_.read();
  return true;
}

// Answers that there is no memory, and closes.
void Connection::refuse_for_memory() {
  if (exchange_ == nullptr) {
    refuse(kNoRoom);
    return;
  }
  loop_.refused_requests.add();
  Response response = exchange_->no_room();
  abort_exchange();
  is_closing_ = true;
  is_lingering_ = true;
  queue_answer(std::move(response));
}

}  // namespace signet::http
