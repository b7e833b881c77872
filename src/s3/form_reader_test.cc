#include "s3/form_reader.h"

#include <gtest/gtest.h>

#include "facts/outcome_for_test.h"

namespace signet::s3 {
namespace {

constexpr const char* kForm =
    "--XX\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na;\"b\r\n"
    "--XX\r\ncontent-disposition:form-data;name=empty\r\nX: y\r\n\r\n\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\dir\\\\c.txt\"\r\n"
    "Content-Type: text/plain\r\n\r\nbytes\r\n--X of\r\nthe file\r\n--XX--\r\nbehind";

struct Read {
  FormReader reader{"XX"};
  std::string file;
  bool is_whole = false;
};

Result<Read> read(std::string_view form, std::size_t piece_size) {
  Read out;
  std::optional<FormFile> file;
  while (!form.empty()) {
    std::string_view piece = form.substr(0, piece_size);
    form.remove_prefix(piece.size());
    if (!file && TRY(out.reader.take(piece))) {
      file.emplace(out.reader.delimiter());
    }
    if (file) {
      out.file += file->take(piece);
    }
  }
  out.is_whole = file && file->is_whole();
  return out;
}

TEST(FormReader, ReadsAFormHoweverItIsCut) {
  const std::vector<std::pair<std::string, std::string>> fields = {{"key", "a;\"b"}, {"empty", ""}};
  for (std::size_t size = 1; size < 400; ++size) {
    const auto form = read(kForm, size);
    ASSERT_TRUE(form.has_value()) << size;
    EXPECT_EQ(form->reader.fields(), fields) << size;
    EXPECT_EQ(form->reader.file_name(), "c.txt") << size;
    EXPECT_EQ(form->file, "bytes\r\n--X of\r\nthe file") << size;
    EXPECT_TRUE(form->is_whole) << size;
  }
}

TEST(FormReader, AFileWithoutItsEndIsNotWhole) {
  const std::string form = kForm;

  const auto cut = read(form.substr(0, form.find("\r\n--XX--")), 64);

  ASSERT_TRUE(cut.has_value());
  EXPECT_FALSE(cut->is_whole);
}

TEST(FormReader, RefusesWhatIsNoForm) {
  const std::string field = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n";
  for (const std::string& form :
       {std::string("no delimiter at all"),
        std::string("--XY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"),
        field + "--XX--\r\n",
        field + field + "--XX",
        std::string("--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nv\r\n--XX"),
        std::string("--XX\r\nContent-Disposition: form-data\r\n\r\nv\r\n--XX"),
        std::string("--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\nv\r\n--XX"),
        std::string("--XX\r\n\r\nv\r\n--XX")}) {
    const auto read_form = read(form, 1000);
    EXPECT_TRUE(!read_form && read_form.error().code == ErrorCode::MalformedPOSTRequest) << form;
  }
}

TEST(FormReader, BoundsWhatComesBeforeTheFile) {
  std::string many;
  for (int i = 0; i <= 200; ++i) {
    many +=
        "--XX\r\nContent-Disposition: form-data; name=\"f" + std::to_string(i) + "\"\r\n\r\nv\r\n";
  }
  const std::string large = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" +
                            std::string(FormReader::kMaxHead, 'v');

  for (const std::string& form : {many + "--XX", large}) {
    const auto read_form = read(form, 5000);
    ASSERT_FALSE(read_form.has_value());
    EXPECT_EQ(read_form.error().code, ErrorCode::MaxPostPreDataLengthExceeded);
  }
}

TEST(FormBoundary, IsWhatTheTypeSays) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
  for (const char* type :
       {"",
        "multipart/form-data",
        "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=a\x01",
        "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; "
        "boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaa"}) {
    EXPECT_EQ(form_boundary(type), std::nullopt) << type;
  }
}

}  // namespace
}  // namespace signet::s3
