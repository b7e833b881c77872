#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/form.h"
#include "codec/json_writer.h"
#include "codec/xml_writer.h"

namespace signet::codec {
namespace {

std::string xml(std::string_view text) {
  std::string out;
  append_xml_escaped(out, text);
  return out;
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(XmlWriter, EscapesMarkupAtEveryOffset) {
  for (std::size_t before = 0; before < 40; ++before) {
    const std::string pad(before, 'x');
    EXPECT_EQ(xml(pad + "a<b>&\"'\r\n\t" + pad), pad + "a&lt;b&gt;&amp;&quot;'&#xD;\n\t" + pad);
    EXPECT_EQ(json(pad + "a\"\\\n\x01/" + pad), "\"" + pad + "a\\\"\\\\\\n\\u0001/" + pad + "\"");
  }
}

TEST(XmlWriter, ReplacesWhatXmlCannotCarry) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(xml(std::string_view("a\0b", 3)), "a" + r + "b");
  EXPECT_EQ(xml("\x01\x1f\x0b"), r + r + r);
  EXPECT_EQ(xml("\xEF\xBF\xBE\xEF\xBF\xBF"), r + r);  // U+FFFE U+FFFF
  EXPECT_EQ(xml("\xED\xA0\x80"), r + r + r);          // a surrogate
  EXPECT_EQ(xml("\xC0\x80"), r + r);                  // overlong
  EXPECT_EQ(xml("ab\xE2\x82"), "ab" + r + r);         // cut short
  EXPECT_EQ(xml("\xF4\x90\x80\x80"), r + r + r + r);  // past U+10FFFF
  EXPECT_EQ(xml("\x7f"), "\x7f");
}

TEST(XmlWriter, RefersToControlCharactersWhereAsked) {
  std::string out;
  XmlWriter writer(out, Controls::Reference);

  writer.element("Key", "k\x01z\x1f\t\xEF\xBF\xBE");
  writer.text("\x0b");

  EXPECT_EQ(out, "<Key>k&#x1;z&#x1F;\t\xEF\xBF\xBD</Key>&#xB;");
}

TEST(XmlWriter, KeepsWellFormedUtf8) {
  const std::string text = "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x91";
  EXPECT_EQ(xml(text), text);
  EXPECT_EQ(json(text), "\"" + text + "\"");
  EXPECT_EQ(json("\xff"), "\"\xEF\xBF\xBD\"");
}

TEST(XmlWriter, Elements) {
  std::string out;
  XmlWriter writer(out);
  writer.open("R", "https://e.example/");
  writer.element("A", "<");
  writer.element("N", -5);
  writer.empty("E");
  writer.close("R");
  EXPECT_EQ(out, "<R xmlns=\"https://e.example/\"><A>&lt;</A><N>-5</N><E/></R>");
}

TEST(JsonWriter, PutsCommas) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.member("a", "1");
  writer.key("b");
  writer.begin_array();
  writer.integer(-9'223'372'036'854'775'807 - 1);
  writer.boolean(true);
  writer.null();
  writer.begin_object();
  writer.end_object();
  writer.end_array();
  writer.key("c");
  writer.begin_array();
  writer.end_array();
  writer.end_object();
  EXPECT_EQ(out, R"({"a":"1","b":[-9223372036854775808,true,null,{}],"c":[]})");
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(std::string_view text, std::string_view more = {}) {
  Pairs out;
  const auto form = FormParams::parse(text, more);
  if (!form) {
    return {{"fault", std::to_string(static_cast<int>(form.error()))}};
  }
  for (const FormParam& p : form->all()) {
    out.emplace_back(p.name, p.value);
  }
  return out;
}

TEST(FormParams, DecodesAndSorts) {
  EXPECT_EQ(pairs("b=2&a=1+%2B%26&c"), (Pairs{{"a", "1 +&"}, {"b", "2"}, {"c", ""}}));
  EXPECT_EQ(pairs("=1&==&=%zz"), Pairs{});
  EXPECT_EQ(pairs("&&a=b=c&"), (Pairs{{"a", "b=c"}}));
  EXPECT_EQ(pairs(""), Pairs{});
  EXPECT_EQ(pairs("b=1", "a=2"), (Pairs{{"a", "2"}, {"b", "1"}}));
  EXPECT_EQ(pairs("%41=%C3%A9"), (Pairs{{"A", "\xC3\xA9"}}));
}

TEST(FormParams, RefusesBrokenText) {
  const Pairs bad_escape = {{"fault", "0"}};
  const Pairs not_utf8 = {{"fault", "1"}};
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%=1", "a=1&b=%+1"}) {
    EXPECT_EQ(pairs(text), bad_escape) << text;
  }
  for (const char* text : {"a=%FF", "a=\xff", "%C0%80=1", "a=%ED%A0%80", "a=%C3&b=%A9"}) {
    EXPECT_EQ(pairs(text), not_utf8) << text;
  }
}

TEST(FormParams, BoundsTheirNumber) {
  std::string text;
  for (std::size_t i = 0; i < FormParams::kMaxParams; ++i) {
    text += "a&";
  }
  EXPECT_TRUE(FormParams::parse(text).has_value());
  EXPECT_EQ(FormParams::parse(text + "a").error(), FormFault::TooMany);
}

TEST(FormParams, FindsAndReportsDuplicates) {
  auto form = FormParams::parse("Tags.member.2.Key=b&A=1&Tags.member.1.Key=a&TagsX=1&A=2");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("A"), "1");
  EXPECT_EQ(form->find("B"), nullptr);
  EXPECT_EQ(form->duplicate(), "A");
  EXPECT_EQ(form->with_prefix("Tags.member.").size(), 2U);
  EXPECT_EQ(form->with_prefix("Z").size(), 0U);
  const FormParams moved = *std::move(form);  // short values must not live inside a moved string
  EXPECT_EQ(moved.get("Tags.member.1.Key"), "a");
  EXPECT_EQ(FormParams::parse("a=1&b=1")->duplicate(), std::nullopt);
}

}  // namespace
}  // namespace signet::codec
