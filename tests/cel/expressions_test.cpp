// One-line expressions: what they are, or what is wrong with them. Behaviours of
// cel-spec's conformance data and of Kubernetes' libraries, as facts.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/cel/cel.h"
#include "core/machinery/json.h"

using namespace drydock;
using namespace drydock::cel;

namespace {

// The value as CEL would write it; "error: …" and the whole compile error otherwise.
std::string shown(const Val& value) {
  switch (value.kind()) {
    case Val::Kind::kError:
      return "error: " + std::string(value.text());
    case Val::Kind::kUint:
      return std::to_string(value.unsigned_integer()) + "u";
    case Val::Kind::kBytes:
      return "b" + go_quote(value.text());
    case Val::Kind::kType:
      return value.type_value().str();
    case Val::Kind::kOptional:
      return value.held() == nullptr ? "none" : "some(" + shown(*value.held()) + ")";
    case Val::Kind::kOpaque:
      return std::string(value.opaque().type) + "(" + value.opaque().key + ")";
    case Val::Kind::kDouble: {
      const std::string text = format_double(value.real());
      return text.find_first_of(".eIN") == std::string::npos ? text + ".0" : text;
    }
    default: {
      Value document;
      if (!value.to_document(document)) return "?";
      return dump_json(document);
    }
  }
}

const Value& self() {
  static const Value document =
      *parse_json(R"({"replicas": 3, "name": "web", "ratio": 0.5, "empty": "", "nothing": null,
      "labels": {"app": "web", "x-y": "z"}, "list": [1, 2, 3], "items": [{"k": "a", "v": 1}, {"k": "b", "v": 2}]})");
  return document;
}

std::string run(const std::string& source, std::uint64_t limit = kPerCallLimit) {
  Environment environment;
  environment.variables["self"] = type_of(Type::Kind::kDyn);
  const Compiled compiled = compile(source, environment);
  if (compiled.program == nullptr) return compiled.error;
  Activation activation;
  activation.variables["self"] = Val::of_document(self());
  return shown(evaluate(*compiled.program, activation, limit).value);
}

struct Row {
  const char* expression;
  const char* value;
};

void rows(std::initializer_list<Row> all) {
  for (const Row& row : all) {
    CAPTURE(row.expression);
    CHECK(run(row.expression) == row.value);
  }
}

}  // namespace

TEST_CASE("CEL: literals") {
  rows({
      {"1", "1"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0xff", "255"},
      {"-0x10", "-16"},
      {"42u", "42u"},
      {"1.5e3", "1500.0"},
      {".5", "0.5"},
      {"true", "true"},
      {"null", "null"},
      {"'it''s'", "ERROR: <input>:1:5: Syntax error: extraneous input ''s'' expecting <EOF>\n | 'it''s'\n | ....^"},
      {R"("a\tb\u00e9\x41\101")", R"("a\tbéAA")"},
      {R"(r"a\n")", R"("a\\n")"},
      {"'''two\nlines'''", R"("two\nlines")"},
      {R"(b"\xff\000a".size())", "3"},
      {"[1, 2, 3]", "[1,2,3]"},
      {"{'a': 1, 'b': 2}", R"({"a":1,"b":2})"},
      {"{1: 'x'}[1]", R"("x")"},
      {"// a comment\n 7", "7"},
  });
}

TEST_CASE("CEL: operators") {
  rows({
      {"1 + 2 * 3 - 4 / 2 % 3", "5"},
      {"-7 / 2", "-3"},
      {"-7 % 2", "-1"},
      {"7u - 8u", "error: unsigned integer overflow"},
      {"9223372036854775807 + 1", "error: integer overflow"},
      {"-(-9223372036854775807 - 1)", "error: integer overflow"},
      {"-9223372036854775808 / -1", "error: integer overflow"},
      {"9223372036854775807 * 2", "error: integer overflow"},
      {"1 / 0", "error: division by zero"},
      {"1 % 0", "error: modulus by zero"},
      {"1.0 / 0.0 > 1000.0", "true"},
      {"'a' + 'b'", R"("ab")"},
      {"[1] + [2, 3]", "[1,2,3]"},
      {"b'a' + b'b' == b'ab'", "true"},
      {"1 < 2 && 2.0 <= 2.0 && 'a' < 'b' && false < true", "true"},
      {"1 < 1.5 && 2u > 1.5 && 1 < 2u && -1 < 1u", "true"},
      {"dyn(1) == 1.0 && dyn(1u) == 1", "true"},
      {"1 == 1.0",
       "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, double)'\n | 1 == 1.0\n | ..^"},
      {"dyn('a') == 1", "false"},
      {"!true || !!true", "true"},
      {"1 in [1, 2] && 'a' in {'a': 1} && !(3 in [1, 2])", "true"},
      {"true ? 1 : 2", "1"},
      {"1 / 0 > 1 || true", "true"},
      {"1 / 0 > 1 && false", "false"},
      {"1 / 0 > 1 && true", "error: division by zero"},
      {"false ? 1 / 0 : 5", "5"},
      {"[1, 2, 3][1]", "2"},
      {"[1, 2, 3][3]", "error: index out of bounds: 3"},
      {"{'a': 1}['b']", "error: no such key: b"},
      {"[[1], [2]] == [[1], [2]] && {'a': [1]} == {'a': [1]}", "true"},
      {"dyn(1) + 'a'", "error: no such overload"},
      {"type(1) == int && type([1]) == list && type(null) == null_type", "true"},
      {"type(type(1))", "type"},
  });
}

TEST_CASE("CEL: documents") {
  rows({
      {"self.replicas <= 5", "true"},
      {"self.name + '-' + string(self.replicas)", R"("web-3")"},
      {"self.missing", "error: no such key: missing"},
      {"self.name.deeper", "error: no such key: deeper"},
      {"has(self.name) && !has(self.missing) && has(self.nothing)", "true"},
      {"has(self.missing.deeper)", "error: no such key: missing"},
      {"self.labels['x-y']", R"("z")"},
      {"self.labels.all(k, k.startsWith('a') || self.labels[k] == 'z')", "true"},
      {"self.items.exists(i, i.k == 'b' && i.v == 2)", "true"},
      {"self.ratio == 0.5 && self.list.size() == 3 && size(self.labels) == 2", "true"},
      {"self.?labels.?app.orValue('none')", R"("web")"},
      {"self.?missing.?deeper", "none"},
      {"self.labels[?'nope'].hasValue()", "false"},
  });
}

TEST_CASE("CEL: macros") {
  rows({
      {"[1, 2, 3].all(x, x > 0)", "true"},
      {"[1, 0].all(x, 1 / x > 5)", "false"},
      {"[0, 1].exists(x, 1 / x == 1)", "true"},
      {"[0, 2].exists(x, 1 / x == 1)", "error: division by zero"},
      {"[1, 2, 2].exists_one(x, x == 1) && ![1, 1].exists_one(x, x == 1)", "true"},
      {"[1, 2, 3].filter(x, x % 2 == 1)", "[1,3]"},
      {"[1, 2, 3].map(x, x * x)", "[1,4,9]"},
      {"[1, 2, 3].map(x, x > 1, x * 10)", "[20,30]"},
      {"{'a': 1, 'b': 2}.map(k, k + '!')", R"(["a!","b!"])"},
      {"[1, 2].map(x, [3, 4].map(y, x * y))", "[[3,4],[6,8]]"},
      {"[10, 20].all(i, v, v == (i + 1) * 10)", "true"},
      {"{'a': 1}.exists(k, v, k == 'a' && v == 1)", "true"},
      {"[1, 2].transformList(i, v, i * v)", "[0,2]"},
      {"[1, 2, 3].transformList(i, v, i > 0, v)", "[2,3]"},
      {"{'a': 1, 'b': 2}.transformMap(k, v, v + 1)", R"({"a":2,"b":3})"},
      {"{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v)", R"({"b":2})"},
      {"{'a': 'x'}.transformMapEntry(k, v, {v: k})", R"({"x":"a"})"},
      {"[1, 2].existsOne(i, v, v == 2)", "true"},
      {"optional.of(2).optMap(x, x + 1).value()", "3"},
      {"optional.none().optMap(x, x).hasValue()", "false"},
      {"optional.of(2).optFlatMap(x, optional.ofNonZeroValue(x - 2))", "none"},
      {"[1].all(1, true)", "ERROR: <input>:1:9: argument must be a simple name\n | [1].all(1, true)\n | ........^"},
      {"has(self)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(self)\n | ....^"},
      {"5.all(x, true)",
       "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or "
       "dynamic)\n | 5.all(x, true)\n | ^"},
  });
}

TEST_CASE("CEL: compile errors") {
  rows({
      {"foo", "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"},
      {"1 + foo(2)", "ERROR: <input>:1:8: undeclared reference to 'foo' (in container '')\n | 1 + foo(2)\n | .......^"},
      {"1 + 'a'",
       "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^"},
      {"'a'.startsWith(1)",
       "ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | "
       "'a'.startsWith(1)\n | ..............^"},
      {"[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"},
      {"'a'.b", "ERROR: <input>:1:4: type 'string' does not support field selection\n | 'a'.b\n | ...^"},
      {"1 +",
       "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', "
       "'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^"},
      {"(1", "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (1\n | ..^"},
      {"if", "ERROR: <input>:1:1: Syntax error: reserved identifier: if\n | if\n | ^"},
      {"'é' + foo", "ERROR: <input>:1:7: undeclared reference to 'foo' (in container '')\n | 'é' + foo\n | .．....^"},
      {"a ||\n b",
       "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a ||\n | ^\n"
       "ERROR: <input>:2:2: undeclared reference to 'b' (in container '')\n |  b\n | .^"},
      {"duration('x') == duration('1s')",
       "ERROR: <input>:1:10: invalid duration argument\n | duration('x') == duration('1s')\n | .........^"},
      {"'a'.matches('(')", "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^"},
  });
}

TEST_CASE("CEL: conversions") {
  rows({
      {"int('42') + int(3.9) + int(2u)", "47"},
      {"int('x')", "error: type conversion error from 'string' to 'int'"},
      {"int(1e30)", "error: integer overflow"},
      {"uint(-1)", "error: unsigned integer overflow"},
      {"double('1.5') + double(1)", "2.5"},
      {"string(1.5) + string(true) + string(7u) + string(b'x')", R"("1.5true7x")"},
      {"string(b'\\xff')", "error: invalid UTF-8 in bytes, cannot convert to string"},
      {"bool('true') && !bool('F')", "true"},
      {"string(duration('1h30m'))", R"("5400s")"},
      {"string(timestamp('2024-02-29T12:00:00.5+02:00'))", R"("2024-02-29T10:00:00.5Z")"},
      {"timestamp('2023-02-29T00:00:00Z')",
       "ERROR: <input>:1:11: invalid timestamp argument\n | "
       "timestamp('2023-02-29T00:00:00Z')\n | ..........^"},
      {"timestamp('2024-01-31T00:00:00Z') + duration('24h') == timestamp('2024-02-01T00:00:00Z')", "true"},
      {"timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')", "true"},
      {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"},
      {"timestamp('2024-03-10T15:16:17.123Z').getFullYear()", "2024"},
      {"timestamp('2024-03-10T15:16:17.123Z').getMonth()", "2"},
      {"timestamp('2024-03-10T15:16:17.123Z').getDate()", "10"},
      {"timestamp('2024-03-10T15:16:17.123Z').getDayOfMonth()", "9"},
      {"timestamp('2024-03-10T15:16:17.123Z').getDayOfWeek()", "0"},
      {"timestamp('2024-03-10T15:16:17.123Z').getDayOfYear()", "69"},
      {"timestamp('2024-03-10T15:16:17.123Z').getHours('+10:00')", "1"},
      {"timestamp('2024-03-10T15:16:17.123Z').getMilliseconds()", "123"},
      {"duration('90m').getHours() + duration('90m').getMinutes()", "91"},
  });
}

TEST_CASE("CEL: strings") {
  rows({
      {"size('héllo')", "5"},
      {"'héllo'.charAt(1)", R"("é")"},
      {"'abc'.charAt(3)", R"("")"},
      {"'abc'.charAt(4)", "error: index out of range: 4"},
      {"'hello'.indexOf('l') + 'hello'.lastIndexOf('l') + 'hello'.indexOf('x')", "4"},
      {"'hello'.indexOf('l', 3)", "3"},
      {"['a', 'b'].join('-')", R"("a-b")"},
      {"'aBc'.lowerAscii() + 'aBc'.upperAscii()", R"("abcABC")"},
      {"'hello'.replace('l', 'L', 1)", R"("heLlo")"},
      {"'ab'.replace('', '-')", R"("-a-b-")"},
      {"'a,b,c'.split(',', 2)", R"(["a","b,c"])"},
      {"'abc'.split('')", R"(["a","b","c"])"},
      {"'hello'.substring(1, 3) + 'hello'.substring(4)", R"("elo")"},
      {"'hello'.substring(3, 1)", "error: invalid substring range. start: 3, end: 1"},
      {"'  x\\n'.trim()", R"("x")"},
      {"strings.quote('a\"b')", R"("\"a\\\"b\"")"},
      {"'%s has %d of %.2f'.format([dyn('x'), 3, 1.5])", R"("x has 3 of 1.50")"},
      {"'%x %X %b %o'.format([255, 255, 5, 8])", R"("ff FF 101 10")"},
      {"'%s'.format([[dyn(1), 'a', {'k': 2.5}]])", R"("[1, \"a\", {\"k\": 2.500000}]")"},
      {"'%d'.format(['x'])",
       "error: error during formatting: decimal clause can only be used on integers, was given string"},
      {"'%d'.format([])", "error: index 0 out of range"},
      {"'a1b22'.find('[0-9]+') + string('x'.find('[0-9]+') == '')", R"("1true")"},
      {"'a1b22'.findAll('[0-9]+')", R"(["1","22"])"},
      {"'a1b22'.findAll('[0-9]+', 1)", R"(["1"])"},
      {"'abc'.matches('^a.c$') && !'abc'.matches('^b')", "true"},
      {"'aa'.matches(self.empty + '(a)\\\\1')", "error: error parsing regexp: invalid escape sequence: `\\1`"},
      {"'aa'.matches(self.empty + '(?=a)')", "error: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
      {"'aa'.matches(self.empty + 'a**')", "error: error parsing regexp: invalid nested repetition operator: `**`"},
  });
}

TEST_CASE("CEL: lists, sets, optional values") {
  rows({
      {"[1, 2, 2].isSorted() && !['b', 'a'].isSorted()", "true"},
      {"[1, 2, 3].sum() + [1, 2, 3].min() + [1, 2, 3].max()", "10"},
      {"[1.5, 2.5].sum()", "4.0"},
      {"[duration('1s'), duration('2s')].sum() == duration('3s')", "true"},
      {"[].min()", "error: min called on empty list"},
      {"[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)", "2"},
      {"sets.contains([1, 2, 3], [3, 1]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])", "true"},
      {"optional.of(1).or(optional.of(1 / 0)).value()", "1"},
      {"optional.none().orValue(3)", "3"},
      {"optional.none().value()", "error: optional.none() dereference"},
      {"[?optional.none(), ?optional.of(2)]", "[2]"},
      {"{?'a': optional.none(), 'b': 1}", R"({"b":1})"},
      {"[1, 2].first().value() + [1, 2].last().value()", "3"},
      {"[1, 2][?5].orValue(9)", "9"},
      {"optional.ofNonZeroValue('')", "none"},
  });
}

TEST_CASE("CEL: Kubernetes' libraries") {
  rows({
      {"quantity('1Gi').isGreaterThan(quantity('1000M')) && quantity('1000m') == quantity('1')", "true"},
      {"quantity('50k').add(quantity('20k')).asInteger() + quantity('5').sub(2).asInteger()", "70003"},
      {"quantity('1500m').isInteger() || quantity('1500m').asApproximateFloat() == 1.5", "true"},
      {"quantity('200M').compareTo(quantity('0.2G')) + quantity('-1').sign()", "-1"},
      {"isQuantity('1.3Gi') && !isQuantity('1.3G1')", "true"},
      {"quantity('x')",
       "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"ip('192.168.0.1').family() + ip('2001:db8::1').family()", "10"},
      {"isIP('1.2.3.4') && isIP('::1') && !isIP('1.2.3') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')", "true"},
      {"ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')", "true"},
      {"string(ip('2001:0DB8:0:0:0:0:0:1'))", R"("2001:db8::1")"},
      {"ip('127.0.0.1').isLoopback() && ip('0.0.0.0').isUnspecified() && ip('8.8.8.8').isGlobalUnicast()", "true"},
      {"cidr('192.168.0.0/24').containsIP('192.168.0.7') && !cidr('192.168.0.0/24').containsIP(ip('10.0.0.1'))",
       "true"},
      {"cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", "true"},
      {"string(cidr('10.1.2.3/8').ip()) + string(cidr('2001:db8::/32').prefixLength())", R"("10.1.2.332")"},
      {"isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0')", "true"},
      {"ip('x')",
       "error: IP Address \"x\" parse error during conversion from string: ParseAddr(\"x\"): unable to parse IP"},
      {"url('https://user@example.com:8080/a b?k=1&k=2&q=x%20y').getHost()", R"("example.com:8080")"},
      {"url('https://[::1]:80/p').getHostname() + url('https://[::1]:80/p').getPort()", R"("::180")"},
      {"url('https://a.b/a b').getEscapedPath() + url('https://a.b/').getScheme()", R"("/a%20bhttps")"},
      {"url('/p?k=1&k=2&q=x%20y').getQuery()", R"({"k":["1","2"],"q":["x y"]})"},
      {"isURL('https://example.com') && isURL('/abs') && !isURL('../rel') && !isURL('')", "true"},
      {"semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))", "true"},
      {"semver('1.2.3-a+b').major() + semver('1.2.3').minor() + semver('1.2.3').patch()", "6"},
      {"isSemver('1.0.0') && !isSemver('v1.0') && isSemver('v1.0', true)", "true"},
      {"semver('01.0.0')", "error: Major number must not contain leading zeroes \"01\""},
      {"semver('1.0')", "error: No Major.Minor.Patch elements found"},
      {"format.dns1123Label().validate('my-label')", "none"},
      {"format.dns1123Label().validate('My_Label').value()[0].startsWith('a lowercase RFC 1123 label')", "true"},
      {"format.named('uuid').value().validate('x').value()", R"(["does not match the UUID format"])"},
      {"format.named('nope').hasValue()", "false"},
      {"!format.date().validate('2024-02-30').value().isSorted() || true", "true"},
  });
}

TEST_CASE("CEL: what would never end, or be deep, ends") {
  std::string nested = "true";
  for (int i = 0; i < 10; ++i) nested = "[0,1,2,3,4,5,6,7,8,9].all(x" + std::to_string(i) + ", " + nested + ")";
  CHECK(run(nested) == "error: operation cancelled: actual cost limit exceeded");
  CHECK(run("[1, 2].map(x, x)", 5) == "error: operation cancelled: actual cost limit exceeded");
  std::string doubled = "'x'";
  for (int i = 0; i < 60; ++i) doubled = "[" + doubled + "].map(x, x + x)[0]";
  CHECK(run(doubled) == "error: operation cancelled: actual cost limit exceeded");
  // What backtracks is paid for; what would compare each with each is not begun.
  const std::string thousand =
      "[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, ";
  CHECK(run(thousand + "!('" + std::string(40, 'a') + "!').matches(self.empty + '^(a|aa)+$'))))") ==
        "error: operation cancelled: actual cost limit exceeded");
  CHECK(run("'" + std::string(20000, 'a') + "'.contains('" + std::string(20000, 'b') + "')") ==
        "error: operation cancelled: actual cost limit exceeded");
  const std::string open(2000, '(');
  CHECK(contains(run(open + "1"), "expression recursion limit exceeded: 250"));
  std::string chain = "1";
  for (int i = 0; i < 2000; ++i) chain += " + 1";
  CHECK(contains(run(chain), "expression recursion limit exceeded: 250"));
  std::string alternatives = "false";
  for (int i = 0; i < 5000; ++i) alternatives += " || false";
  CHECK(run(alternatives) == "false");
  CHECK(contains(run("'" + std::string(200000, 'x') + "'"), "expression code point size exceeds limit"));
  for (const char* text :
       {"", "\xff\xfe", "[", "a.b.c(", "'\\", "b'\\x", "{?", "self.?", "1.e", "0x", "((((((", "-", "!-!-x",
        "self[?'a'].?b[?0]", "type(type)", "optional.of(optional.none())", "'a'.matches('(((((a*)*)*)*)*')"})
    check_cel(text);
  CHECK(check_cel("self.list.map(x, x + 1).sum() == 9"));
}
