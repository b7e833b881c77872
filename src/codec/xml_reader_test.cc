#include "codec/xml_reader.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::codec {
namespace {

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += piece;
  }
  return out;
}

TEST(XmlReader, ReadsElementsTextAndReferences) {
  const auto root = read_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Delete xmlns=\"urn:x\"><a:Object "
      "xmlns:a='y'><Key>a&amp;b&#x20;&#99;</Key>"
      "</a:Object><Quiet>true</Quiet><!-- gone --></Delete>");

  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->name, "Delete");
  EXPECT_EQ(root->find("Object")->text_of("Key"), "a&b c");
  EXPECT_EQ(root->text_of("Quiet"), "true");
  EXPECT_FALSE(root->text_of("Nothing").has_value());
}

TEST(XmlReader, KeepsBlanksThatAreAValue) {
  EXPECT_EQ(read_xml("<a><Key> </Key></a>")->text_of("Key"), " ");
}

TEST(XmlReader, JoinsTextAndCdata) {
  EXPECT_EQ(read_xml("<a>x<![CDATA[<y>]]>z</a>")->text, "x<y>z");
}

TEST(XmlReader, RefusesMalformedDocuments) {
  for (const char* text : {"",
                           " ",
                           "x",
                           "<",
                           "<a",
                           "<a>",
                           "<a></b>",
                           "<a/><b/>",
                           "</a>",
                           "<a><b></a></b>",
                           "<a>&unknown;</a>",
                           "<a>&amp</a>",
                           "<a>& b</a>",
                           "<a>&#0;</a>",
                           "<a>&#x;</a>",
                           "<a>&#xD800;</a>",
                           "<a>&#x110000;</a>",
                           "<a>&#-1;</a>",
                           "<a>\xFF</a>",
                           "<a>\xC0\x80</a>"}) {
    EXPECT_FALSE(read_xml(text).has_value()) << text;
  }
  EXPECT_FALSE(read_xml(std::string_view("<a>\0</a>", 8)).has_value());
}

TEST(XmlReader, RefusesDocumentTypesAndProcessingInstructions) {
  EXPECT_FALSE(read_xml("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>").has_value());
  EXPECT_FALSE(read_xml("<!DOCTYPE a><a/>").has_value());
  EXPECT_FALSE(read_xml("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>").has_value());
}

TEST(XmlReader, KeepsItsBounds) {
  EXPECT_TRUE(read_xml(repeated("<a>", 16) + repeated("</a>", 16)).has_value());
  EXPECT_FALSE(read_xml(repeated("<a>", 17) + repeated("</a>", 17)).has_value());
  EXPECT_FALSE(read_xml(repeated("<a>", 300'000)).has_value());
  EXPECT_FALSE(read_xml(repeated("<a>", 140'000) + repeated("</a>", 140'000)).has_value());
  EXPECT_FALSE(read_xml("<a>" + repeated("<b/>", 5) + "</a>", {.elements = 5}).has_value());
  EXPECT_FALSE(read_xml("<a>" + std::string(100, 'x') + "</a>", {.bytes = 100}).has_value());
}

}  // namespace
}  // namespace signet::codec
