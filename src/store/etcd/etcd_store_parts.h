#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "base/random.h"
#include "base/result.h"
#include "codec/json.h"
#include "store/etcd/gateway.h"
#include "store/etcd/layout.h"
#include "store/etcd/local_copy.h"
#include "store/etcd/messages.h"
#include "store/etcd/office.h"
#include "store/etcd/watch.h"
#include "store/shared_store.h"

namespace signet::store {

inline constexpr int kEtcdRetryMs = 50;

// What a fault of the gateway is to a caller of the store: ServiceUnavailable if etcd could not be
// reached, ServiceFailure otherwise.
[[nodiscard]] std::unexpected<Error> etcd_failure(std::string cause);
[[nodiscard]] std::unexpected<Error> etcd_unavailable(std::string cause);
[[nodiscard]] std::unexpected<Error> error_of(const EtcdFault& fault);

// The store in an etcd cluster (etcd_store.h). Its files: etcd_store.cc what all of it needs,
// etcd_loading.cc what is read, etcd_committing.cc what is written, etcd_following.cc the two
// threads that learn what others wrote.
class EtcdStore final : public SharedStore {
 public:
  EtcdStore(EtcdAccess access, Random& random);
  ~EtcdStore() override;
  EtcdStore(const EtcdStore&) = delete;
  EtcdStore& operator=(const EtcdStore&) = delete;
  EtcdStore(EtcdStore&&) = delete;
  EtcdStore& operator=(EtcdStore&&) = delete;

  // Whether there is somebody to talk to.
  [[nodiscard]] Status start();

  [[nodiscard]] Result<Revision> load(std::string_view prefix, const Visitor& visit) override;
  // From the local copy, where what etcd still has leads from it to the present.
  [[nodiscard]] Result<Revision> load_all(const Visitor& visit) override;
  [[nodiscard]] Result<Revision> commit(std::span<const Transaction> batch) override;
  [[nodiscard]] Result<Committed> commit_on(Revision base,
                                            std::span<const Transaction> batch) override;
  [[nodiscard]] Result<Revision> newest() override;
  [[nodiscard]] Status follow(Revision loaded, Follower& follower) override;
  void unfollow() override;

  [[nodiscard]] bool is_in_office() const override { return office_.is_held(); }

  [[nodiscard]] SharedStore* shared() override { return this; }

  [[nodiscard]] std::string location() const override;

 private:
  // A revision with its counter and etcd's revision that showed it.
  struct Point {
    Revision revision = 0;
    std::optional<std::string> counter;  // nothing: there is none, the store is empty
    std::int64_t etcd_revision = 0;
    std::uint64_t cluster = 0;
  };

  // How records are asked for.
  struct Pages {
    std::unique_ptr<EtcdGateway> gateway;
    std::int64_t size = 0;  // records of the next one
    int wait_seconds = EtcdGateway::kWaitSeconds;
  };

  [[nodiscard]] std::string random_id();
  // False: the store is being closed.
  [[nodiscard]] bool pause();
  // Remembers which counter a revision has, and that it is the one cluster that answers.
  [[nodiscard]] Status note(const Point& point);
  void note_counter(Revision revision, const std::optional<std::string>& counter);
  // The counter of a revision; nothing: it is not known (any more).
  [[nodiscard]] std::optional<std::optional<std::string>> counter_of(Revision revision);

  // Loading.
  // Asks until somebody answers or patience ends.
  [[nodiscard]] Result<codec::Json> ask(EtcdGateway& gateway,
                                        std::string_view path,
                                        const std::string& message);
  [[nodiscard]] Result<Point> point_of(const RangeAnswer& range) const;
  [[nodiscard]] Result<Point> read_counter(EtcdGateway& gateway);
  // A page that is too long for one answer is asked for again in smaller parts, and one that takes
  // too long with more patience: etcd 3.4 looks at all keys of a range, however few it is asked
  // for.
  [[nodiscard]] Result<RangeAnswer> read_page(Pages& pages,
                                              const EtcdKeys& keys,
                                              std::int64_t etcd_revision);
  // Brings the copy to the present; nothing: it is of no use.
  [[nodiscard]] std::optional<Point> catch_up_copy();
  [[nodiscard]] static CopyPoint copy_point(const Point& point);
  [[nodiscard]] Status show(const EtcdKeyValue& one, const Visitor& visit) const;

  // Committing.
  // Sends the same transaction until its outcome is known: once it has happened its guard holds no
  // more, so it cannot happen twice.
  [[nodiscard]] Result<Committed> try_commit(Revision base,
                                             const std::optional<std::string>& guard,
                                             std::span<const Transaction> batch);
  [[nodiscard]] Result<Committed> conclude(const TxnAnswer& answer,
                                           Revision revision,
                                           const std::string& counter,
                                           bool is_doubtful);
  // Others have committed since the transaction was first sent: the watch tells whether it was the
  // one before theirs.
  [[nodiscard]] Result<Committed> settle_doubt(Revision at,
                                               Revision revision,
                                               const std::string& counter);

  // Following.
  // The thread of the watch.
  void watch();
  // False: the store is being closed.
  [[nodiscard]] bool wait_to_follow();
  void watch_once(EtcdGateway& gateway);
  void tell(WatchedCommit commit);
  void lose(std::string why);
  // The thread that asks etcd whether it is there and how far it is: a watch that says nothing may
  // be one to which nothing comes.
  void monitor();
  // True: the store is being closed.
  [[nodiscard]] bool wait_for_monitor();
  // A watch that is behind what etcd has for a second is begun anew.
  void look_at_watch(Revision newest, std::int64_t& late_since_ms);

  const EtcdAccess access_;
  const EtcdLayout layout_;
  Random& random_;

  std::mutex writer_mutex_;  // of what commits use
  EtcdGateway writer_;
  std::optional<Revision> known_;  // newest that a commit has seen
  bool is_reachable_ = true;       // the last commit found somebody

  std::mutex reader_mutex_;
  EtcdGateway reader_;

  EtcdOffice office_;  // of the monitor's thread

  std::mutex copy_mutex_;          // taken before mutex_
  std::optional<LocalCopy> copy_;  // guarded by copy_mutex_; nothing: there is to be none

  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::uint64_t cluster_ = 0;  // id; 0: nobody has answered yet
  std::map<Revision, std::optional<std::string>> counters_;
  std::optional<Point> loaded_;
  Follower* follower_ = nullptr;  // set before the threads start
  Revision told_ = 0;
  std::int64_t next_etcd_revision_ = 0;
  bool is_following_ = false;
  bool is_late_ = false;
  bool is_stopping_ = false;
  std::thread watcher_;
  std::thread monitor_;
};

}  // namespace signet::store
