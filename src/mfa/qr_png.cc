#include "mfa/qr_png.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <vector>

#include <png.h>
#include <qrcodegen/qrcodegen.hpp>

#include "base/assertion.h"

namespace signet::mfa {
namespace {

constexpr int kQuietModules = 4;  // ISO 18004 asks for four blank modules around
constexpr int kTargetPixels = 300;

void append_bytes(png_structp png, png_bytep data, png_size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), size);
}

void no_flush(png_structp /*png*/) {}

// libpng reports errors by this call, which must not return. Writing to memory has no error but a
// bug of ours.
[[noreturn]] void on_error(png_structp /*png*/, png_const_charp /*message*/) {
  assertion_failed("libpng could not write an image", __FILE__, __LINE__);
}

void on_warning(png_structp /*png*/, png_const_charp /*message*/) {}

// One row of pixels, a bit each, black 0.
std::vector<std::uint8_t> pixel_row(const qrcodegen::QrCode& code,
                                    int module_y,
                                    int scale,
                                    int width) {
  std::vector<std::uint8_t> row(static_cast<std::size_t>((width + 7) / 8), 0xff);
  for (int x = 0; x < width; ++x) {
    const int module_x = x / scale - kQuietModules;
    if (code.getModule(module_x, module_y)) {  // false outside the code
      const std::size_t at = static_cast<std::size_t>(x / 8);
      row[at] = static_cast<std::uint8_t>(row[at] & ~(0x80U >> (x % 8)));
    }
  }
  return row;
}

std::string write_png(const qrcodegen::QrCode& code) {
  const int modules = code.getSize() + 2 * kQuietModules;
  const int scale = std::max(2, kTargetPixels / modules);
  const int width = modules * scale;
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  SIGNET_ASSERT(png != nullptr);
  png_infop info = png_create_info_struct(png);
  SIGNET_ASSERT(info != nullptr);
  png_set_write_fn(png, &out, append_bytes, no_flush);
  const auto pixels = static_cast<png_uint_32>(width);
  png_set_IHDR(png,
               info,
               pixels,
               pixels,
               1,
               PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int module_y = -kQuietModules; module_y < code.getSize() + kQuietModules; ++module_y) {
    const std::vector<std::uint8_t> row = pixel_row(code, module_y, scale, width);
    for (int i = 0; i < scale; ++i) {
      png_write_row(png, row.data());
    }
  }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

}  // namespace

std::optional<std::string> qr_png(std::string_view text) {
  try {
    return write_png(
        qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::MEDIUM));
  } catch (const std::exception&) {  // qrcodegen: the text is too long
    return std::nullopt;
  }
}

}  // namespace signet::mfa
