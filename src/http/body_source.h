#pragma once

#include <string>

namespace signet::http {

class Connection;

// Where a piece that was asked for goes, from any thread. While it exists the connection stays.
// Dropped unused it says that there is no piece: the connection closes, since a length was
// announced.
class PieceTaker {
 public:
  PieceTaker(const PieceTaker&) = delete;
  PieceTaker& operator=(const PieceTaker&) = delete;
  PieceTaker(PieceTaker&& other) noexcept;
  PieceTaker& operator=(PieceTaker&&) = delete;
  ~PieceTaker();

  // At most once. Not empty.
  void give(std::string piece);

 private:
  friend class Connection;

  explicit PieceTaker(Connection* connection) : connection_(connection) {}

  Connection* connection_;
};

// The rest of a body that is made in pieces while it is sent, off the loop. The connection asks for
// one piece when it has sent the one before the last, so that it holds two at most.
class BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  BodySource(BodySource&&) = delete;
  BodySource& operator=(BodySource&&) = delete;
  // On the loop, when no piece is under way.
  virtual ~BodySource() = default;

  // On the loop: has the next piece made elsewhere and given to `to`. Must not block. One at a
  // time. `spare`: a piece that was sent, or an empty text; the next one may take its memory.
  virtual void fetch(PieceTaker to, std::string spare) = 0;
};

}  // namespace signet::http
