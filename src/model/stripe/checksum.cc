#include "model/stripe/checksum.h"

#include <isa-l/crc.h>
#include <isa-l/crc64.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"
#include "platform/base/hash.h"

namespace daos::stripe {
namespace {

const EVP_MD* digest_of(ChecksumType type) {
  switch (type) {
    case ChecksumType::kSha1:
      return EVP_sha1();
    case ChecksumType::kSha256:
      return EVP_sha256();
    case ChecksumType::kSha512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

const unsigned char* data_of(ByteSpan bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

struct ChecksumStream::Digest {
  explicit Digest(const EVP_MD* algorithm) : algorithm(algorithm), context(EVP_MD_CTX_new()) {
    DX_CHECK(context != nullptr, "no memory for a digest");
  }
  ~Digest() { EVP_MD_CTX_free(context); }
  Digest(const Digest&) = delete;
  const EVP_MD* algorithm;
  EVP_MD_CTX* context;
};

size_t checksum_bytes(ChecksumType type) {
  switch (type) {
    case ChecksumType::kOff:
      return 0;
    case ChecksumType::kCrc16:
      return 2;
    case ChecksumType::kCrc32:
    case ChecksumType::kAdler32:
      return 4;
    case ChecksumType::kCrc64:
      return 8;
    case ChecksumType::kSha1:
      return 20;
    case ChecksumType::kSha256:
      return 32;
    case ChecksumType::kSha512:
      return 64;
  }
  return 0;
}

std::string_view checksum_name(ChecksumType type) {
  switch (type) {
    case ChecksumType::kOff:
      return "off";
    case ChecksumType::kCrc16:
      return "crc16";
    case ChecksumType::kCrc32:
      return "crc32";
    case ChecksumType::kCrc64:
      return "crc64";
    case ChecksumType::kSha1:
      return "sha1";
    case ChecksumType::kSha256:
      return "sha256";
    case ChecksumType::kSha512:
      return "sha512";
    case ChecksumType::kAdler32:
      return "adler32";
  }
  return "unknown";
}

ChecksumStream::ChecksumStream(ChecksumType type) : type_(type) {
  if (const EVP_MD* algorithm = digest_of(type)) digest_ = std::make_unique<Digest>(algorithm);
  begin();
}
ChecksumStream::~ChecksumStream() = default;
ChecksumStream::ChecksumStream(ChecksumStream&&) noexcept = default;

void ChecksumStream::begin() {
  state_ = type_ == ChecksumType::kAdler32 ? 1 : 0;
  if (digest_) DX_CHECK(EVP_DigestInit_ex(digest_->context, digest_->algorithm, nullptr) == 1, "no digest");
}

void ChecksumStream::add(ByteSpan bytes) {
  if (bytes.empty()) return;
  switch (type_) {
    case ChecksumType::kOff:
      return;
    case ChecksumType::kCrc16:
      state_ = crc16_t10dif(static_cast<uint16_t>(state_), data_of(bytes), bytes.size());
      return;
    case ChecksumType::kCrc32:
      state_ = crc32c(bytes, static_cast<uint32_t>(state_));
      return;
    case ChecksumType::kCrc64:
      state_ = crc64_ecma_refl(state_, data_of(bytes), bytes.size());
      return;
    case ChecksumType::kAdler32:
      state_ = isal_adler32(static_cast<uint32_t>(state_), data_of(bytes), bytes.size());
      return;
    case ChecksumType::kSha1:
    case ChecksumType::kSha256:
    case ChecksumType::kSha512:
      DX_CHECK(EVP_DigestUpdate(digest_->context, bytes.data(), bytes.size()) == 1, "a digest failed");
      return;
  }
}

void ChecksumStream::finish(std::byte* out) {
  if (digest_) {
    DX_CHECK(EVP_DigestFinal_ex(digest_->context, reinterpret_cast<unsigned char*>(out), nullptr) == 1,
             "a digest failed");
  } else {
    std::memcpy(out, &state_, checksum_bytes(type_));
  }
  begin();
}

void checksum_of(ChecksumType type, ByteSpan bytes, std::byte* out) {
  ChecksumStream stream(type);
  stream.add(bytes);
  stream.finish(out);
}

}  // namespace daos::stripe
