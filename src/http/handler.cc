#include "http/handler.h"

#include <utility>

#include "http/impl/connection.h"

namespace signet::http {

void Call::answer(Response response) {
  connection_.answer_now(std::move(response));
}

Responder Call::defer() {
  connection_.defer();
  return Responder(&connection_);
}

BodyPause Call::pause() {
  connection_.pause();
  return BodyPause(&connection_);
}

void Call::take_off_framing(std::size_t bytes) {
  connection_.take_off_framing(bytes);
}

Response Exchange::no_room() {
  Response response{.status = 503};
  response.headers.add("Content-Type", "text/plain");
  response.body = "The server has no memory for this request at the moment.\n";
  return response;
}

Responder::Responder(Responder&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    const Responder old(std::exchange(connection_, std::exchange(other.connection_, nullptr)));
  }
  return *this;
}

Responder::~Responder() {
  if (connection_ != nullptr) {
    connection_->answer_from_anywhere(std::nullopt);
  }
}

void Responder::answer(Response response) {
  if (Connection* connection = std::exchange(connection_, nullptr)) {
    connection->answer_from_anywhere(std::move(response));
  }
}

BodyPause::BodyPause(BodyPause&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

BodyPause& BodyPause::operator=(BodyPause&& other) noexcept {
  if (this != &other) {
    const BodyPause old(std::exchange(connection_, std::exchange(other.connection_, nullptr)));
  }
  return *this;
}

BodyPause::~BodyPause() {
  resume();
}

PieceTaker::PieceTaker(PieceTaker&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

PieceTaker::~PieceTaker() {
  if (connection_ != nullptr) {
    connection_->take_piece_from_anywhere(std::nullopt);
  }
}

void PieceTaker::give(std::string piece) {
  if (Connection* connection = std::exchange(connection_, nullptr)) {
    connection->take_piece_from_anywhere(std::move(piece));
  }
}

void BodyPause::take_off_framing(std::size_t bytes) {
  connection_->take_off_framing_later(bytes);
}

void BodyPause::resume() {
  if (Connection* connection = std::exchange(connection_, nullptr)) {
    connection->resume_from_anywhere();
  }
}

}  // namespace signet::http
