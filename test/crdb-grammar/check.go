package main

import (
	"fmt"
	"regexp"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser/statements"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// Subject is one parsed statement on its way through the rules.
type Subject struct {
	Statement
	tree   tree.Statement
	tokens []word
	facts  *Facts
	report func(rule, level, message string)
	// analysis is made once, for the rules that need to know which table a name stands for.
	analysis *analysis
}

var explainPrefix = regexp.MustCompile(`(?i)^\s*explain\s*(\([^)]*\))?\s*((analyze|verbose)\s+)*`)

// rules run in this order over each statement that parses.
var rules = []struct {
	check func(*Subject)
	// cockroach: also for text that only CockroachDB sees.
	cockroach bool
}{
	{checkTypes, true},
	{checkKeys, true},
	{checkForms, false},
	{checkFunctions, false},
	{checkCasts, false},
	{checkParameters, false},
	{checkLocks, false},
	{checkHot, false},
	{checkMutations, false},
	{checkReadsFirst, false},
	{checkRegions, false},
	{checkOrder, false},
}

func checkAll(statements []Statement, facts *Facts) []Violation {
	var violations []Violation
	for _, statement := range statements {
		violations = append(violations, checkOne(statement, facts)...)
	}
	if len(facts.nullable) == 0 {
		violations = append(violations, Violation{
			Rule:    "order-nulls",
			Level:   levelNote,
			Message: "did not run: no DDL among the statements and no --schema says which columns may be null",
		})
	}
	return violations
}

func checkOne(statement Statement, facts *Facts) []Violation {
	var violations []Violation
	seen := map[string]bool{}
	report := func(rule, level, message string) {
		if reason, allowed := exceptionFor(statement, rule); allowed {
			level, message = levelNote, message+" (allowed: "+reason+")"
		}
		if seen[rule+message] {
			return
		}
		seen[rule+message] = true
		violations = append(violations, Violation{
			Name: statement.Name, Source: statement.Source, SQL: statement.SQL,
			Rule: rule, Level: level, Message: message,
		})
	}
	// What is explained is what runs; the options of explain are PostgreSQL's, in tests only.
	statement.SQL = explainPrefix.ReplaceAllString(statement.SQL, "")
	subject := &Subject{Statement: statement, facts: facts, report: report}
	subject.tokens = wordsOf(statement.SQL)
	if statement.Dialect == "shared" {
		checkWords(subject)
	}
	parsed, err := parse(statement.SQL)
	if err != nil {
		subject.fail("syntax", "CockroachDB's grammar refuses it: %s", firstLine(err))
		return violations
	}
	if len(parsed) != 1 {
		subject.fail("one-statement", "%d statements in one text; the protocol and the migrations want one", len(parsed))
	}
	for _, one := range parsed {
		subject.tree = one.AST
		subject.analysis = analyse(one.AST)
		for _, rule := range rules {
			if rule.cockroach || statement.Dialect == "shared" {
				rule.check(subject)
			}
		}
	}
	return violations
}

// parse also survives what the parser cannot: `do` blocks need a hook that the module leaves empty.
func parse(sql string) (parsed statements.Statements, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the parser gave up: %v", broken)
		}
	}()
	return parser.Parse(sql)
}

func (subject *Subject) fail(rule, format string, values ...any) {
	subject.report(rule, levelError, fmt.Sprintf(format, values...))
}

func (subject *Subject) warn(rule, format string, values ...any) {
	subject.report(rule, levelWarning, fmt.Sprintf(format, values...))
}
