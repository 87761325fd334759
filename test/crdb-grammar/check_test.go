package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// cases are shared with grammar.test.ts, which sends them through the built program.
type cases struct {
	DDL        []string `json:"ddl"`
	Localities []string `json:"localities"`
	Hot        string   `json:"hot"`
	Bad        []struct {
		Rule, Level, SQL, Name string
	} `json:"bad"`
	Good []string `json:"good"`
}

func readCases(t *testing.T) (cases, *Facts) {
	t.Helper()
	content, err := os.ReadFile("cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var read cases
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	var ddl []Statement
	for _, sql := range read.DDL {
		ddl = append(ddl, Statement{SQL: sql, Dialect: "shared"})
	}
	for _, sql := range read.Localities {
		ddl = append(ddl, Statement{SQL: sql, Dialect: "cockroach"})
	}
	facts, err := learn(ddl, "")
	if err != nil {
		t.Fatal(err)
	}
	facts.hot = []string{read.Hot}
	for _, violation := range checkAll(ddl, facts) {
		t.Errorf("the cases' own tables: %s: %s", violation.Rule, violation.Message)
	}
	return read, facts
}

func TestBadStatementsAreCaughtByTheirRule(t *testing.T) {
	read, facts := readCases(t)
	for _, bad := range read.Bad {
		caught := checkOne(Statement{Name: bad.Name, SQL: bad.SQL, Dialect: "shared"}, facts)
		if !hasRule(caught, bad.Rule, bad.Level) {
			t.Errorf("%s does not catch %q, only %v", bad.Rule, bad.SQL, caught)
		}
	}
}

func hasRule(violations []Violation, rule, level string) bool {
	for _, violation := range violations {
		if violation.Rule == rule && violation.Level == level {
			return true
		}
	}
	return false
}

func TestGoodStatementsPass(t *testing.T) {
	read, facts := readCases(t)
	for _, sql := range read.Good {
		for _, violation := range checkOne(Statement{SQL: sql, Dialect: "shared"}, facts) {
			t.Errorf("%s: %s\nin %s", violation.Rule, violation.Message, sql)
		}
	}
}

func TestCockroachFilesMayUseWhatOnlyCockroachHas(t *testing.T) {
	facts, _ := learn(nil, "")
	for _, sql := range []string{
		"alter table t set locality regional by row as region",
		"alter table t set (schema_locked = false)",
		"alter table t set (ttl_expiration_expression = 'expires_at')",
		"create table t (a text) locality global",
	} {
		for _, violation := range checkOne(Statement{SQL: sql, Dialect: "cockroach"}, facts) {
			t.Errorf("%s: %s", violation.Rule, violation.Message)
		}
	}
}

func TestEachFormCanBeMatched(t *testing.T) {
	for _, form := range forms {
		if !hasForm(wordsOf(strings.TrimPrefix(form.Words, "^")), form.Words) {
			t.Errorf("no text ever has the form %q", form.Words)
		}
		if form.Rule == "" || form.Reason == "" {
			t.Errorf("the form %q lacks its rule or its reason", form.Words)
		}
	}
}

func TestWalkReachesEveryClause(t *testing.T) {
	sql := `with a as (select f1()) update t set x = f2() from u join v on f3() where f4() = (select f5() order by f6() limit f7()) returning f8(), count(*) filter (where f9()) over (partition by f10() order by f11())`
	parsed, err := parse(sql)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	each(parsed[0].AST, func(call *tree.FuncExpr, _ []any) { seen[functionName(call)] = true })
	for _, name := range []string{"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "count"} {
		if !seen[name] {
			t.Errorf("the walk missed %s", name)
		}
	}
}

func TestExceptionsBecomeNotesWithTheirReason(t *testing.T) {
	saved := exceptions
	defer func() { exceptions = saved }()
	exceptions = mustReadExceptions([]byte(`[{"rule":"function","statement":"search","reason":"nothing else serves"}]`))
	facts, _ := learn(nil, "")
	named := checkOne(Statement{Name: "search", SQL: "select cardinality(a) from t", Dialect: "shared"}, facts)
	if !hasRule(named, "function", levelNote) || !strings.Contains(named[0].Message, "nothing else serves") {
		t.Errorf("the exception was not used: %v", named)
	}
	other := checkOne(Statement{Name: "other", SQL: "select cardinality(a) from t", Dialect: "shared"}, facts)
	if !hasRule(other, "function", levelError) {
		t.Errorf("the exception reached another statement: %v", other)
	}
}

func TestProgramReadsFlagsAndPrintsLines(t *testing.T) {
	schema := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(schema, []byte(`{"t":{"a":true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	in := `{"name":"n","source":"s","dialect":"shared","sql":"select a from t order by a"}` + "\n"
	var out bytes.Buffer
	if err := run([]string{"--regional", "t", "--schema", schema}, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{`"rule":"region-unbound"`, `"rule":"order-nulls"`, `"name":"n"`, `"source":"s"`} {
		if !strings.Contains(out.String(), rule) {
			t.Errorf("%s is missing in %s", rule, out.String())
		}
	}
}

func TestWithoutSchemaTheProgramSaysThatARuleDidNotRun(t *testing.T) {
	facts, _ := learn(nil, "")
	if notes := checkAll(nil, facts); !hasRule(notes, "order-nulls", levelNote) {
		t.Errorf("no note: %v", notes)
	}
}

func TestInputOfAnotherFormIsRefused(t *testing.T) {
	for _, in := range []string{"nonsense", `{"sql":"select 1","dialect":"mysql"}`} {
		if err := run(nil, strings.NewReader(in), &bytes.Buffer{}); err == nil {
			t.Errorf("%s was taken", in)
		}
	}
}
