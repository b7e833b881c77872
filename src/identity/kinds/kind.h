#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/instant.h"
#include "base/result.h"
#include "base/strings.h"
#include "identity/kinds/type_list.h"
#include "identity/shared.h"

namespace signet::identity {

// What the directory knows about a kind of entity, said once, in kinds/<kind>.h beside the entity.
// Everything that treats all kinds alike (records, snapshot, transaction, loading, checks) is made
// from it. A description says:
//
//   kRecord               number of the record; on disk, never used again (docs/formats/records.md)
//   kNoun                 what a defect calls it
//   record_key(v)         the key that its record lies under (docs/formats/records.md)
//   fields(ar, v)         what the record is made of, for writing and for reading: `ar` is a
//                         RecordWriter, RecordReader or DocumentInterner; numbers ascend, are on
//                         disk, and are never used again
//   normalize(v)          brings it into the form in which it is kept; refuses what is wrong in it
//                         whatever else exists
//   Indexes               Types<...>: the tables it stands in (below); the first tells it from the
//                         others of its kind, unless kHasUniqueId
//
// and, where it differs from KindDefaults or applies:
//
//   Id                    what one is found and erased by
//   kNeedsAccount         v.account must exist
//   kHasUniqueId          v.id is in the one table of unique ids (AIDA..., AROA...)
//   kHasLastUse           its LastUsed and LastAccess, of the same id, go with it
//   kIdPrefix             of new ids
//   kArn                  arn:aws:iam::ACCOUNT:<kArn><path><name>; without a member `path`, the
//   name
//                         is all that follows <kArn>/
//   kHasExactName         names that differ in case are two
//   kPolicyUse            the letters of its uses of policies (policy_uses.h)
//   references(v, refer)  calls refer(RefersTo<Other>{id}) for what must exist in its account
//   may_replace(old, v)   whether `v` may take the place of `old`, which stands where `v` will; the
//                         account stays the same anyway where kNeedsAccount
//   parts(v)              a number summed up by account (Snapshot::parts)
//   tallies(v, add)       calls add(key) for each count of Snapshot::tally that it adds one to
template <class T>
struct Kind;

struct KindDefaults {
  using Id = std::string_view;
  static constexpr bool kNeedsAccount = false;
  static constexpr bool kHasUniqueId = false;
  static constexpr bool kHasLastUse = false;
  static constexpr bool kHasExactName = false;
};

// What a message inside records is made of, like Kind<T>::fields.
template <class T>
struct Fields;

template <class T>
using EntityPtr = Shared<T>;

// An index is a struct that says where entities of one kind stand:
//
//   Entity, Key           its table is a PersistentMap<Key, EntityPtr<Entity>>
//   kInAccount            whether each account has a table of its own
//   keys(v, add)          calls add(key) for every key that leads to `v`
//   key_of(id)            the key of what Kind<Entity>::Id means; in a first index outside accounts
//   kTaken                what is said when a key belongs to another entity; without it that cannot
//                         happen, because the key has the entity's own id in it
//   Owner                 the keys are relation_key(id of an Owner, ...), and an Owner cannot go
//                         while one is listed with it

// Key of the indexes by unique id: compares hashes first. Views the id inside the entity that the
// entry holds.
class IdKey {
 public:
  static IdKey of(std::string_view id);

  [[nodiscard]] std::string_view text() const { return {data_, size_}; }

  // Ascends as the keys do, if not as far as they tell them apart.
  [[nodiscard]] std::uint64_t rank() const { return hash_; }

  bool operator<(const IdKey& other) const {
    return hash_ != other.hash_ ? hash_ < other.hash_ : text() < other.text();
  }

  bool operator==(const IdKey& other) const {
    return hash_ == other.hash_ && text() == other.text();
  }

 private:
  std::uint32_t hash_ = 0;
  std::uint32_t size_ = 0;
  const char* data_ = nullptr;
};

// Key of the indexes by name: compares names as if in lower case. Views the name inside the entity
// that the entry holds.
class NameKey {
 public:
  template <class S>
    requires(std::is_convertible_v<const S&, std::string_view> && !std::same_as<S, NameKey>)
  // NOLINTNEXTLINE(google-explicit-constructor): names are keys
  NameKey(const S& name) : name_(name) {}

  // In lower case.
  [[nodiscard]] std::string folded() const { return to_lower(name_); }

  [[nodiscard]] std::string_view name() const { return name_; }

  // Eight characters of it after the first `skip`, as a number: ascends as the keys do that have
  // those in common.
  [[nodiscard]] std::uint64_t rank(std::size_t skip) const;

  friend bool operator<(const NameKey& a, const NameKey& b) {
    return compare_ignore_case(a.name_, b.name_) < 0;
  }

  friend bool operator==(const NameKey& a, const NameKey& b) {
    return equals_ignore_case(a.name_, b.name_);
  }

 private:
  std::string_view name_;
};

// The text of a key of a table by name, as markers of pages hold it.
[[nodiscard]] inline std::string key_text(const NameKey& key) {
  return key.folded();
}

[[nodiscard]] inline const std::string& key_text(const std::string& key) {
  return key;
}

// By id, among all accounts.
template <class T>
struct ById {
  using Entity = T;
  using Key = IdKey;
  static constexpr bool kInAccount = false;

  static void keys(const T& v, auto&& add) { add(IdKey::of(v.id)); }

  static Key key_of(std::string_view id) { return IdKey::of(id); }
};

// What names of users, groups, roles, policies, profiles and devices are compared by: ASCII lower
// case.
[[nodiscard]] std::string fold_name(std::string_view name);

// By name, whatever its case unless kHasExactName, within the account. A kind with a key() of its
// own is listed by that.
template <class T>
struct ByName {
  static constexpr bool kFolds = !Kind<T>::kHasExactName && !requires(const T& v) { v.key(); };

  using Entity = T;
  using Key = std::conditional_t<kFolds, NameKey, std::string>;
  static constexpr bool kInAccount = true;
  static constexpr std::string_view kTaken = "the name is taken";

  static void keys(const T& v, auto&& add) {
    if constexpr (requires { v.key(); }) {
      add(v.key());
    } else {
      add(Key(v.name));
    }
  }
};

// In references(): an entity of kind T, of the same account, that `id` leads to.
template <class T>
struct RefersTo {
  std::string_view id;
};

// Compound keys of relations: owner, '\0', member. Owners never hold a '\0'.
[[nodiscard]] std::string relation_key(std::string_view owner, std::string_view member);

// Keys of indexes by time: its order first, then that of ids.
[[nodiscard]] std::string age_key(Instant at, std::string_view id);

// The key of a record of an account: a/ACCOUNT/PART/ID.
[[nodiscard]] std::string account_key(std::string_view account,
                                      std::string_view part,
                                      std::string_view id);

// ServiceFailure: something is wrong in the directory or with what was put into it.
[[nodiscard]] std::unexpected<Error> refuse(std::string_view what, std::string_view why);

// Refuses an entity of an account that has no id or no name.
[[nodiscard]] Status require_id_and_name(std::string_view account,
                                         std::string_view id,
                                         std::string_view name);

}  // namespace signet::identity
