#include "tests/ports/store_suite.h"

#include <map>

#include "tests/ports/store_driver.h"

namespace drydock {
namespace {

using namespace store_suite;

void check_revisions(Driver& store) {
  CHECK(!store.get("a"));
  CHECK(store.range(store.all()).count == 0);
  const Revision first = store.put("a", "one");
  CHECK(first > 0);
  auto item = store.get("a");
  REQUIRE(item);
  CHECK(item->key == store.key("a"));
  CHECK(item->value == Value("one"));
  CHECK(item->create_revision == first);
  CHECK(item->mod_revision == first);
  CHECK(item->version == 1);
  CHECK(item->lease == 0);

  const Revision second = store.put("a", "two");
  CHECK(second > first);
  item = store.get("a");
  REQUIRE(item);
  CHECK(item->value == Value("two"));
  CHECK(item->create_revision == first);
  CHECK(item->mod_revision == second);
  CHECK(item->version == 2);

  // Writing the same value again is a write.
  const Revision third = store.put("a", "two");
  CHECK(third > second);
  CHECK(store.get("a")->version == 3);

  // Deleted and created again, a key starts anew.
  const TxnResult gone = store.remove("a");
  CHECK(gone.revision > third);
  CHECK(!store.get("a"));
  const Revision again = store.put("a", "three");
  item = store.get("a");
  REQUIRE(item);
  CHECK(item->create_revision == again);
  CHECK(item->version == 1);

  // What changes nothing takes no revision.
  CHECK(store.remove("nothing").revision == again);
  RangeRequest one;
  one.key = store.key("a");
  CHECK(store.range(one).revision == again);
}

void check_values(Driver& store) {
  const Value document =
      Value::object({{"kind", "Pod"},
                     {"text", "a \"quoted\" line\nand \t \\ \xC3\xBC \xE4\xB8\xAD \xF0\x9F\x9A\xA2"},
                     {"empty", ""},
                     {"big", std::int64_t{9007199254740993}},
                     {"negative", -3},
                     {"half", 0.5},
                     {"yes", true},
                     {"nothing", nullptr},
                     {"list", Value::array({1, "two", Value::object({{"three", 3}}), Value::array()})},
                     {"map", Value::object()}});
  store.put("document", document);
  CHECK(store.get("document")->value == document);
  CHECK(store.get("document")->value["big"].is_int());
  CHECK(store.get("document")->value["nothing"].is_null());
  CHECK(store.get("document")->value.has("nothing"));

  // Keys are bytes: nothing in them is special.
  for (const char* name : {"50%", "a_b", "quote'quote", "quote\"s", "back\\slash", "semi;colon", "*",
                           "\xC3\xA9t\xC3\xA9", "UPPER", "upper"}) {
    INFO(std::string(name));
    store.put(name, name);
    auto item = store.get(name);
    REQUIRE(item);
    CHECK(item->value == Value(name));
  }
  CHECK(store.range(store.all()).count == 11);
  CHECK(store.remove("*").previous.size() == 1);
  CHECK(store.get("a_b"));
  CHECK(store.get("upper")->value == Value("upper"));

  // A large one, as a ConfigMap may be.
  const std::string large(900 * 1000, 'x');
  store.put("large", large);
  CHECK(store.get("large")->value.as_string() == large);
}

void check_txn(Driver& store) {
  // Create: only when absent.
  TxnRequest create;
  create.compares.push_back({store.key("a"), 0});
  create.success.push_back(store.put_op("a", 1));
  create.failure.push_back(store.get_op("a"));
  auto created = store.try_txn(create);
  REQUIRE(created.ok());
  CHECK(created->succeeded);
  CHECK(created->gets.empty());
  const Revision first = store.get("a")->mod_revision;
  CHECK(created->revision == first);

  // Refused: nothing is written, and the failure list answers what is there.
  auto refused = store.try_txn(create);
  REQUIRE(refused.ok());
  CHECK(!refused->succeeded);
  REQUIRE(refused->gets.size() == 1);
  CHECK(refused->gets[0].key == store.key("a"));
  CHECK(refused->gets[0].mod_revision == first);
  CHECK(refused->gets[0].value == Value(1));
  CHECK(refused->revision == first);
  CHECK(store.get("a")->version == 1);

  // Update: only from the revision that was read.
  TxnRequest update;
  update.compares.push_back({store.key("a"), first});
  update.success.push_back(store.put_op("a", 2));
  update.failure.push_back(store.get_op("a"));
  REQUIRE(store.try_txn(update)->succeeded);
  CHECK(!store.try_txn(update)->succeeded);
  CHECK(store.get("a")->value == Value(2));

  // Every compare must hold.
  TxnRequest both;
  both.compares.push_back({store.key("a"), store.get("a")->mod_revision});
  both.compares.push_back({store.key("b"), first});
  both.success.push_back(store.put_op("c", 1));
  both.failure.push_back(store.put_op("d", 1));
  auto either = store.try_txn(both);
  REQUIRE(either.ok());
  CHECK(!either->succeeded);
  CHECK(!store.get("c"));
  CHECK(store.get("d"));

  // A list is one revision, whatever it holds; reads in it see what it wrote before.
  std::vector<StoreOp> list;
  list.push_back(store.put_op("x", 1));
  list.push_back(store.get_op("x"));
  list.push_back(store.get_op("missing"));
  list.push_back(store.put_op("y", 2));
  list.push_back(store.delete_op("d"));
  const TxnResult many = store.txn(list);
  CHECK(store.get("x")->mod_revision == many.revision);
  CHECK(store.get("y")->mod_revision == many.revision);
  REQUIRE(many.gets.size() == 1);
  CHECK(many.gets[0].value == Value(1));
  REQUIRE(many.previous.size() == 1);
  CHECK(many.previous[0].key == store.key("d"));
  CHECK(many.previous[0].value == Value(1));

  // Only reading takes no revision; an empty list neither.
  CHECK(store.txn({store.get_op("x")}).revision == many.revision);
  CHECK(store.txn({}).revision == many.revision);

  // One key cannot be written twice in a list: nothing of it happens.
  TxnRequest twice;
  twice.success.push_back(store.put_op("z", 1));
  twice.success.push_back(store.put_op("z", 2));
  auto duplicate = store.try_txn(twice);
  REQUIRE(!duplicate.ok());
  CHECK(duplicate.error().message == kDuplicate);
  CHECK(!store.get("z"));
  CHECK(store.range(store.all()).revision == many.revision);
}

void check_delete_range(Driver& store) {
  for (const char* name : {"a", "b", "c", "d"}) store.put(name, name);
  StoreOp op = store.delete_op("b");
  op.range_end = store.key("d");
  const Revision before = store.get("d")->mod_revision;
  const TxnResult result = store.txn({op});
  const std::size_t length = store.key("").size();
  CHECK(result.revision == before + 1);
  CHECK(names(result.previous, length) == "b c");
  CHECK(result.previous[0].value == Value("b"));
  CHECK(result.previous[0].mod_revision < before);
  CHECK(names(store.range(store.all()).items, length) == "a d");
  // Nothing in the range: nothing happens.
  const TxnResult nothing = store.txn({op});
  CHECK(nothing.previous.empty());
  CHECK(nothing.revision == before + 1);
  // An empty range is no error.
  op.range_end = store.key("a");
  CHECK(store.txn({op}).previous.empty());
}

void check_range(Driver& store) {
  const std::size_t length = store.key("").size();
  std::map<std::string, Revision> at;
  for (const char* name : {"b/2", "a/1", "c", "a/2", "b/1", "a"}) at[name] = store.put(name, name);
  RangeResult all = store.range(store.all());
  CHECK(names(all.items, length) == "a a/1 a/2 b/1 b/2 c");
  CHECK(all.count == 6);
  CHECK(!all.more);
  CHECK(all.revision == at["a"]);

  RangeRequest request = store.all();
  request.limit = 2;
  RangeResult page = store.range(request);
  CHECK(names(page.items, length) == "a a/1");
  CHECK(page.count == 6);
  CHECK(page.more);
  // The next page starts behind the last key, at the first page's revision.
  store.put("a/15", "new");
  store.remove("b/2");
  request.key = page.items.back().key + std::string(1, '\0');
  request.revision = page.revision;
  request.limit = 3;
  page = store.range(request);
  CHECK(names(page.items, length) == "a/2 b/1 b/2");
  CHECK(page.count == 4);
  CHECK(page.more);
  request.key = page.items.back().key + std::string(1, '\0');
  page = store.range(request);
  CHECK(names(page.items, length) == "c");
  CHECK(!page.more);
  request.limit = 1;
  page = store.range(request);
  CHECK(names(page.items, length) == "c");
  CHECK(!page.more);

  RangeRequest count = store.all();
  count.count_only = true;
  count.limit = 1;
  RangeResult counted = store.range(count);
  CHECK(counted.count == 6);
  CHECK(counted.items.empty());

  // range_end is not part of the range; "" means the key alone.
  RangeRequest half;
  half.key = store.key("a");
  half.range_end = store.key("b/1");
  CHECK(names(store.range(half).items, length) == "a a/1 a/15 a/2");
  half.range_end = "";
  CHECK(names(store.range(half).items, length) == "a");
  half.key = store.key("b");
  CHECK(store.range(half).count == 0);
  // Backwards is empty.
  half.range_end = store.key("a");
  CHECK(store.range(half).count == 0);
}

void check_old_revisions(Driver& store) {
  const std::size_t length = store.key("").size();
  const Revision empty = store.put("other", 0);
  const Revision one = store.put("a", 1);
  const Revision two = store.put("a", 2);
  const Revision three = store.put("b", 3);
  store.remove("a");
  const Revision again = store.put("a", 4);

  auto as_of = [&](Revision revision) {
    RangeRequest request = store.all();
    request.revision = revision;
    return store.range(request);
  };
  CHECK(names(as_of(empty).items, length) == "other");
  CHECK(names(as_of(one).items, length) == "a other");
  CHECK(as_of(one).items[0].value == Value(1));
  CHECK(as_of(two).items[0].value == Value(2));
  CHECK(as_of(two).items[0].version == 2);
  CHECK(as_of(two).items[0].create_revision == one);
  CHECK(names(as_of(three).items, length) == "a b other");
  CHECK(names(as_of(again - 1).items, length) == "b other");
  CHECK(as_of(again).items[0].value == Value(4));
  CHECK(as_of(again).items[0].create_revision == again);
  // The answer names the store's revision, not the one asked for.
  CHECK(as_of(one).revision == again);

  RangeRequest future = store.all();
  future.revision = again + 100000;
  auto refused = store.run(store.store().range(future));
  REQUIRE(!refused.ok());
  CHECK(refused.error().message == kFuture);
}

void check_leases(Driver& store) {
  const std::size_t length = store.key("").size();
  const Duration slack = store.expiry_slack();
  auto watch = store.watch_all(0);
  const LeaseId lease = store.grant(3);
  const LeaseId other = store.grant(1000);
  CHECK(lease != 0);
  CHECK(other != lease);
  store.put("a", 1, lease);
  store.put("b", 1, lease);
  store.put("kept", 1, lease);
  store.put("kept", 2);  // without a lease: detached
  store.put("moved", 1, lease);
  store.put("moved", 2, other);
  CHECK(store.get("a")->lease == lease);
  CHECK(store.get("kept")->lease == 0);
  CHECK(store.get("moved")->lease == other);
  const Revision before = store.range(store.all()).revision;

  // Keep-alives move the end.
  for (int i = 0; i < 3; ++i) {
    store.sleep(seconds(2));
    auto alive = store.run(store.store().keep_alive(lease));
    REQUIRE_MESSAGE(alive.ok(), alive.error().message);
  }
  CHECK(store.get("a"));
  const Duration taken = store.time_until_gone("a", seconds(3) + slack + seconds(10));
  CHECK(taken >= seconds(2));
  CHECK(taken <= seconds(3) + slack);
  CHECK(names(store.range(store.all()).items, length) == "kept moved");
  // Their end is one revision and news like any deletion.
  CHECK(store.range(store.all()).revision == before + 1);
  const std::vector<StoreEvent> events = store.events(*watch, 8);
  CHECK(written(events, length) == "+a +b +kept +kept +moved +moved -a -b");
  REQUIRE(events[6].previous);
  CHECK(events[6].previous->value == Value(1));
  CHECK(events[6].previous->lease == lease);

  // A dead lease is unknown.
  auto dead = store.run(store.store().keep_alive(lease));
  REQUIRE(!dead.ok());
  CHECK(dead.error().message == kNoLease);
  TxnRequest request;
  request.success.push_back(store.put_op("c", 1, lease));
  auto refused = store.try_txn(request);
  REQUIRE(!refused.ok());
  CHECK(refused.error().message == kNoLease);
  CHECK(!store.get("c"));

  // Revoked: at once.
  auto revoked = store.run(store.store().revoke_lease(other));
  REQUIRE_MESSAGE(revoked.ok(), revoked.error().message);
  CHECK(!store.get("moved"));
  auto twice = store.run(store.store().revoke_lease(other));
  REQUIRE(!twice.ok());
  CHECK(twice.error().message == kNoLease);
  CHECK(names(store.range(store.all()).items, length) == "kept");

  // A key that was deleted and written anew does not remember its lease.
  const LeaseId third = store.grant(1000);
  store.put("d", 1, third);
  store.remove("d");
  store.put("d", 2);
  REQUIRE(store.run(store.store().revoke_lease(third)).ok());
  CHECK(store.get("d"));
}

void check_prefix_end(Driver& store) {
  CHECK(prefix_end("/registry/") == "/registry0");
  CHECK(prefix_end("a") == "b");
  CHECK(prefix_end("a\xff") == "b");
  CHECK(prefix_end("a\xff\xff") == "b");
  CHECK(prefix_end("\x7f") == "\x80");
  CHECK(prefix_end("") == std::string(1, '\0'));
  CHECK(prefix_end("\xff\xff") == std::string(1, '\0'));

  // A prefix is not the keys that are only near.
  const std::size_t length = store.key("").size();
  for (const char* name : {"pods", "pods/", "pods/a", "pods/z/deep", "pods0", "podsa", "pod", "pods\xff"})
    store.put(name, 1);
  RangeRequest request;
  request.key = store.key("pods/");
  request.range_end = prefix_end(request.key);
  CHECK(names(store.range(request).items, length) == "pods/ pods/a pods/z/deep");

  // The end "\0" means no end: every key from the first one on.
  RangeRequest open;
  open.key = store.key("pods/z");
  open.range_end = std::string(1, '\0');
  std::string mine;
  for (const KeyValue& item : store.range(open).items) {
    if (item.key.starts_with(store.key(""))) mine += item.key.substr(length) + " ";
  }
  CHECK(mine == "pods/z/deep pods0 podsa pods\xff ");
  auto watch = store.watch(store.key("pods0"), std::string(1, '\0'), 0);
  store.put("pods/a", 2);
  store.put("podsb", 2);
  CHECK(written(store.events(*watch, 1), length) == "+podsb");
}

}  // namespace

void check_store_contract(const StoreFactory& make) {
  const std::pair<const char*, void (*)(Driver&)> parts[] = {
      {"revisions", check_revisions},
      {"values", check_values},
      {"transactions", check_txn},
      {"deleted ranges", check_delete_range},
      {"ranges", check_range},
      {"old revisions", check_old_revisions},
      {"compaction", check_compaction},
      {"watch from the past", check_watch_from_past},
      {"watch from now", check_watch_from_now},
      {"order of a watch", check_watch_order},
      {"many watchers", check_many_watchers},
      {"destruction of a watch", check_watch_destruction},
      {"leases", check_leases},
      {"prefix_end", check_prefix_end},
  };
  for (const auto& [name, part] : parts) {
    INFO("part: ", std::string(name));
    Driver driver(make());
    part(driver);
  }
}

}  // namespace drydock
