#include "tests/programs/images/image_fixture.h"

using namespace drydock;

TEST_CASE("redis: what each command answers") {
  struct Row {
    const char* command;
    const char* wanted;
  };
  const Row rows[] = {
      {"PING", "PONG"},
      {"SET a 1", "OK"},
      {"GET a", "\"1\""},
      {"GET none", "(nil)"},
      {"INCR a", "(integer) 2"},
      {"INCRBY a 40", "(integer) 42"},
      {"DECR a", "(integer) 41"},
      {"INCRBYFLOAT a 0.5", "\"41.5\""},
      {"INCR a", "(error) ERR value is not an integer or out of range"},
      {"APPEND s hello", "(integer) 5"},
      {"GETRANGE s 1 -2", "\"ell\""},
      {"STRLEN s", "(integer) 5"},
      {"SETNX s x", "(integer) 0"},
      {"SET s v NX", "(nil)"},
      {"SET s v XX GET", "\"hello\""},
      {"MSET k1 v1 k2 v2", "OK"},
      {"MGET k1 none k2", "1) \"v1\"\n2) (nil)\n3) \"v2\""},
      {"EXISTS k1 k2 k3", "(integer) 2"},
      {"DEL k1 k3", "(integer) 1"},
      {"TYPE s", "string"},
      {"TTL s", "(integer) -1"},
      {"TTL none", "(integer) -2"},
      {"EXPIRE s 100", "(integer) 1"},
      {"TTL s", "(integer) 100"},
      {"PERSIST s", "(integer) 1"},
      {"RPUSH l a b c", "(integer) 3"},
      {"LPUSH l z", "(integer) 4"},
      {"LRANGE l 0 -1", "1) \"z\"\n2) \"a\"\n3) \"b\"\n4) \"c\""},
      {"LPOP l", "\"z\""},
      {"RPOP l", "\"c\""},
      {"LLEN l", "(integer) 2"},
      {"LINDEX l -1", "\"b\""},
      {"LSET l 0 x", "OK"},
      {"LREM l 0 x", "(integer) 1"},
      {"RPOPLPUSH l m", "\"b\""},
      {"LRANGE l 0 -1", "(empty array)"},
      {"GET m", "(error) WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"HSET h f1 v1 f2 v2", "(integer) 2"},
      {"HGET h f1", "\"v1\""},
      {"HGETALL h", "1) \"f1\"\n2) \"v1\"\n3) \"f2\"\n4) \"v2\""},
      {"HINCRBY h n 3", "(integer) 3"},
      {"HDEL h f1 n", "(integer) 2"},
      {"HLEN h", "(integer) 1"},
      {"SADD t b a b", "(integer) 2"},
      {"SISMEMBER t a", "(integer) 1"},
      {"SCARD t", "(integer) 2"},
      {"SMEMBERS t", "1) \"a\"\n2) \"b\""},
      {"SADD u b c", "(integer) 2"},
      {"SINTER t u", "1) \"b\""},
      {"SDIFF t u", "1) \"a\""},
      {"ZADD z 2 two 1 one 3 three", "(integer) 3"},
      {"ZRANGE z 0 -1", "1) \"one\"\n2) \"two\"\n3) \"three\""},
      {"ZRANGE z 0 0 WITHSCORES", "1) \"one\"\n2) \"1\""},
      {"ZREVRANGE z 0 0", "1) \"three\""},
      {"ZRANGEBYSCORE z (1 +inf", "1) \"two\"\n2) \"three\""},
      {"ZINCRBY z 1.5 one", "\"2.5\""},
      {"ZRANK z one", "(integer) 1"},
      {"ZSCORE z none", "(nil)"},
      {"ZPOPMIN z", "1) \"two\"\n2) \"2\""},
      {"KEYS h*", "1) \"h\""},
      {"RENAME h hh", "OK"},
      {"RENAME none x", "(error) ERR no such key"},
      {"OBJECT ENCODING hh", "\"listpack\""},
      {"SELECT 3", "OK"},
      {"SELECT 99", "(error) ERR DB index is out of range"},
      {"GET", "(error) ERR wrong number of arguments for 'get' command"},
      {"FOO bar", "(error) ERR unknown command 'FOO', with args beginning with: 'bar' "},
      {"CONFIG GET maxmemory-policy", "1) \"maxmemory-policy\"\n2) \"noeviction\""},
      {"EXEC", "(error) ERR EXEC without MULTI"},
      {"AUTH x",
       "(error) ERR AUTH <password> called without any password configured for the default user. Are you sure your "
       "configuration is correct?"},
      {"DBSIZE", "(integer) 8"},
      {"FLUSHALL", "OK"},
      {"DBSIZE", "(integer) 0"},
  };
  ImageFixture world;
  Container redis = world.running("redis:7.2.4");
  CHECK(contains(*redis.out, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"));
  CHECK(contains(*redis.out, "Redis version=7.2.4, bits=64"));
  CHECK(contains(*redis.out, "Ready to accept connections tcp"));
  for (const Row& row : rows) {
    CAPTURE(row.command);
    // Raw protocol in, and what a terminal would show: through netcat's inline commands
    // the types stay visible.
    std::vector<std::string> argv{"redis-cli", "--no-raw"};
    for (const std::string& word : split(row.command, ' ')) argv.push_back(word);
    const Ran ran = world.exec(redis, argv);
    CHECK(ran.out == std::string(row.wanted) + "\n");
  }
}

TEST_CASE("redis: keys expire, transactions, raw protocol") {
  ImageFixture world;
  Container redis = world.running("redis");
  const Ran set = world.exec(redis, {"redis-cli", "SET", "a", "b", "EX", "10"});
  CHECK(set.out == "OK\n");
  world.pass(seconds(11));
  CHECK(world.exec(redis, {"redis-cli", "GET", "a"}).out == "\n");
  const Ran many = world.exec(redis, {"redis-cli"}, "MULTI\nSET x 1\nINCR x\nEXEC\nGET x\n");
  CHECK(many.out == "OK\nQUEUED\nQUEUED\nOK\n2\n2\n");
  const Ran raw = world.exec(redis, {"redis-cli", "HGETALL", "none"});
  CHECK(raw.out == "\n");
  const Ran info = world.exec(redis, {"redis-cli", "INFO", "replication"});
  CHECK(contains(info.out, "role:master"));
  Container other = world.make("redis", "other");
  const Ran refused = world.exec(other, {"redis-cli", "PING"});
  CHECK(refused.err == "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n");
  CHECK(refused.code == 1);
}

TEST_CASE("redis: a password is asked for") {
  ImageFixture world;
  Container redis = world.running("redis", {"redis-server", "--requirepass", "secret"});
  CHECK(world.exec(redis, {"redis-cli", "PING"}).out == "NOAUTH Authentication required.\n");
  CHECK(world.exec(redis, {"redis-cli", "--no-auth-warning", "-a", "secret", "PING"}).out == "PONG\n");
  const Ran wrong = world.exec(redis, {"redis-cli", "-a", "wrong", "PING"});
  CHECK(contains(wrong.err, "AUTH failed: WRONGPASS invalid username-password pair or user is disabled."));
}

TEST_CASE("redis: a blocked pop is woken by a push") {
  ImageFixture world;
  Container redis = world.running("redis");
  SpawnOptions waiting = world.options_for(redis, {"redis-cli", "BLPOP", "jobs", "0"}, {});
  auto got = std::make_shared<std::string>();
  waiting.files[1] = make_sink([got](std::string_view bytes) { *got += bytes; });
  waiting.files[2] = waiting.files[1];
  REQUIRE(world.host->start(std::move(waiting)).ok());
  world.pass(seconds(5));
  CHECK(*got == "");
  (void)world.exec(redis, {"redis-cli", "RPUSH", "jobs", "apple"});
  world.pass(seconds(1));
  CHECK(*got == "jobs\napple\n");
}

TEST_CASE("redis: a replica follows and refuses writes") {
  ImageFixture world;
  Container leader = world.make("redis", "leader");
  world.start(leader);
  (void)world.exec(leader, {"redis-cli", "SET", "before", "1"});
  world.name_host("redis-leader", leader);
  Container follower = world.make("us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2", "follower");
  world.start(follower);
  CHECK(contains(*follower.out, "MASTER <-> REPLICA sync: Finished with success"));
  CHECK(world.exec(follower, {"redis-cli", "GET", "before"}).out == "1\n");
  (void)world.exec(leader, {"redis-cli", "RPUSH", "list", "a", "b"});
  world.pass(seconds(1));
  CHECK(world.exec(follower, {"redis-cli", "LRANGE", "list", "0", "-1"}).out == "a\nb\n");
  CHECK(world.exec(follower, {"redis-cli", "SET", "x", "1"}).out ==
        "READONLY You can't write against a read only replica.\n");
  CHECK(contains(world.exec(leader, {"redis-cli", "INFO", "replication"}).out, "connected_slaves:1"));
}

TEST_CASE("redis: data stays over a restart") {
  for (const bool append : {false, true}) {
    CAPTURE(append);
    ImageFixture world;
    Container redis = world.make("redis");
    const std::vector<std::string> arguments{"redis-server", "--appendonly", append ? "yes" : "no"};
    world.start(redis, arguments);
    (void)world.exec(redis, {"redis-cli", "HSET", "h", "f", "v"});
    (void)world.exec(redis, {"redis-cli", "SET", "n", "1", "EX", "1000"});
    world.stop(redis, append ? kSigKill : kSigTerm);
    CHECK(*redis.code == (append ? 137 : 0));
    if (!append) CHECK(contains(*redis.out, "DB saved on disk"));
    redis.namespaces.pids = std::make_shared<PidNamespace>();
    world.start(redis, arguments);
    CHECK(world.exec(redis, {"redis-cli", "HGET", "h", "f"}).out == "v\n");
    const std::string ttl = world.exec(redis, {"redis-cli", "TTL", "n"}).out;
    CHECK(parse_int(trim(ttl)).value_or(0) > 900);
  }
}

TEST_CASE("redis: bad configuration") {
  ImageFixture world;
  Container redis = world.running("redis", {"redis-server", "--appendonly", "maybe"});
  CHECK(*redis.code == 1);
  CHECK(contains(*redis.err, "FATAL CONFIG FILE ERROR"));
  CHECK(contains(*redis.err, "argument must be 'yes' or 'no'"));
}

TEST_CASE("the guestbook's front end writes to the leader and reads from a follower") {
  ImageFixture world;
  Container leader = world.make("redis", "leader");
  world.start(leader);
  world.name_host("redis-leader", leader);
  Container follower = world.make("us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2", "follower");
  world.start(follower);
  world.name_host("redis-follower", follower);
  Container front = world.make("us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5", "front");
  world.start(front);
  CHECK(contains(world.get(front, "/"), "<h2>Guestbook</h2>"));
  CHECK(world.get(front, "/guestbook.php?cmd=set&key=messages&value=hello") == "{\"message\": \"Updated\"}");
  CHECK(world.get(front, "/guestbook.php?cmd=get&key=messages") == "{\"data\": \"hello\"}");
}
