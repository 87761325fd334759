package main

import (
	_ "embed"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

//go:embed data/functions.txt
var functionsText string

//go:embed data/catalog-functions.txt
var catalogFunctionsText string

var (
	functions        = namesOf(functionsText)
	catalogFunctions = namesOf(catalogFunctionsText)
)

func namesOf(text string) map[string]bool {
	names := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names[line] = true
		}
	}
	return names
}

// checkFunctions allows what both engines have since v21.1. Coalesce, nullif, case, exists,
// any and array are syntax, with node types of their own, and never come here.
func checkFunctions(subject *Subject) {
	each(subject.tree, func(call *tree.FuncExpr, _ []any) {
		name := functionName(call)
		if functions[name] || subject.analysis.readsOnlyCatalog() && catalogFunctions[name] {
			return
		}
		subject.fail("function", "%s() is not in functions.txt: a CockroachDB of v21.1 or PostgreSQL lacks it, or does something else", name)
	})
	walk(subject.tree, func(node any, _ []any) bool {
		switch node.(type) {
		case *tree.IfExpr, *tree.IfErrExpr:
			subject.fail("cockroach-only", "if, iferror and iserror: PostgreSQL lacks them; instead: case")
		}
		return true
	})
}

// functionName is lower-case and without pg_catalog; any other schema stays, so that it is refused.
func functionName(call *tree.FuncExpr) string {
	name := strings.ToLower(call.Func.FunctionReference.String())
	return strings.TrimPrefix(strings.ReplaceAll(name, `"`, ""), "pg_catalog.")
}
