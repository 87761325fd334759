package main

import (
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/lexbase"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/types"
	"github.com/lib/pq/oid"
)

const regionType = "crdb_internal_region"

// typesAllowed are the types that mean the same on both engines and in node-postgres.
var typesAllowed = map[oid.Oid]bool{
	oid.T_int4: true, oid.T_int8: true, oid.T_timestamptz: true, oid.T_text: true,
	oid.T_uuid: true, oid.T_jsonb: true, oid.T_bool: true, oid.T_numeric: true,
	oid.T_float8: true, oid.T_bytea: true,
}

// spellings name a type by another word than the one that means the same on both engines.
// The syntax tree no longer tells them apart, so the tokens are asked.
var spellings = map[int32]string{
	lexbase.INT:      "INT is INT8 on CockroachDB and INT4 on PostgreSQL; write INT4 or INT8",
	lexbase.INTEGER:  "INTEGER is INT8 on CockroachDB and INT4 on PostgreSQL; write INT4 or INT8",
	lexbase.BIGINT:   "write INT8, not BIGINT",
	lexbase.SMALLINT: "write INT4, not SMALLINT",
	lexbase.STRING:   "STRING is CockroachDB's alone; write TEXT",
	lexbase.REAL:     "write FLOAT8, not REAL",
	lexbase.FLOAT:    "write FLOAT8, not FLOAT",
	lexbase.DOUBLE:   "write FLOAT8, not DOUBLE PRECISION",
}

// namedSpellings are no keywords, hence columns may be called so: only the place tells.
var namedSpellings = map[string]string{
	"json":        "JSON is an alias of JSONB on CockroachDB and another type on PostgreSQL; write JSONB",
	"bytes":       "BYTES is CockroachDB's alone; write BYTEA",
	"blob":        "BLOB is CockroachDB's alone; write BYTEA",
	"int64":       "write INT8",
	"int2":        "write INT4",
	"serial":      "SERIAL is an INT8 with unique_rowid() on CockroachDB; write INT4 or INT8 and make the id in the application",
	"serial2":     "make the id in the application",
	"serial4":     "make the id in the application",
	"serial8":     "make the id in the application",
	"smallserial": "make the id in the application",
	"bigserial":   "make the id in the application",
	"float4":      "write FLOAT8",
}

func checkTypes(subject *Subject) {
	checkSpellings(subject)
	walk(subject.tree, func(node any, _ []any) bool {
		switch typed := node.(type) {
		case *tree.CastExpr:
			checkCastType(subject, typed)
		case *tree.ColumnTableDef:
			checkType(subject, typed.Type)
		case *tree.AlterTableAlterColumnType:
			checkType(subject, typed.ToType)
		case *tree.ColumnDef:
			checkType(subject, typed.Type)
		case *tree.AnnotateTypeExpr:
			subject.fail("cockroach-only", "a type annotation with ::: is CockroachDB's alone; write a cast")
		}
		return true
	})
}

func checkSpellings(subject *Subject) {
	for i, token := range subject.tokens {
		if message, known := spellings[token.id]; known {
			subject.fail("type-spelling", "%s", message)
		}
		message, known := namedSpellings[token.text]
		if known && standsForType(subject.tokens, i) {
			subject.fail("type-spelling", "%s", message)
		}
	}
}

// standsForType judges a plain name by its neighbours: after ::, or between a column's name and
// what may follow its type.
func standsForType(words []word, i int) bool {
	if i == 0 {
		return false
	}
	if words[i-1].text == "::" {
		return true
	}
	if words[i-1].id != lexbase.IDENT && words[i-1].text != "as" && words[i-1].text != "type" {
		return false
	}
	if i+1 == len(words) {
		return false
	}
	switch words[i+1].text {
	case "not", "null", "primary", "unique", "default", "check", "references", "[", ",", ")":
		return true
	}
	return false
}

// checkCastType also allows what is only ever cast to: intervals and the catalogue's own types.
func checkCastType(subject *Subject, cast *tree.CastExpr) {
	if typed, ok := cast.Type.(*types.T); ok {
		if typed.Oid() == oid.T_interval || subject.analysis.readsCatalog() {
			return
		}
	}
	checkType(subject, cast.Type)
}

func checkType(subject *Subject, reference tree.ResolvableTypeReference) {
	switch typed := reference.(type) {
	case nil:
	case *tree.ArrayTypeReference:
		checkType(subject, typed.ElementType)
	case *types.T:
		element := typed
		if typed.Family() == types.ArrayFamily {
			element = typed.ArrayContents()
		}
		if !typesAllowed[element.Oid()] {
			subject.fail("type", "the type %s: only INT4, INT8, NUMERIC, FLOAT8, BOOL, TEXT, UUID, BYTEA, JSONB, TIMESTAMPTZ, arrays of them and %s", typed.SQLString(), regionType)
		}
	default:
		if !isRegionType(reference) && !subject.analysis.readsCatalog() {
			subject.fail("type", "the type %s is no type that both engines have; prefer text and check to an enum", reference.SQLString())
		}
	}
}

func isRegionType(reference tree.ResolvableTypeReference) bool {
	if array, ok := reference.(*tree.ArrayTypeReference); ok {
		return isRegionType(array.ElementType)
	}
	name := strings.ReplaceAll(reference.SQLString(), `"`, "")
	return name == regionType || strings.HasSuffix(name, "."+regionType)
}

// checkCasts refuses casts to the region's enum by its name: an old core answers 42704 to most of
// them as soon as several clients run. The region comes from a row, or is compared as it is.
func checkCasts(subject *Subject) {
	each(subject.tree, func(cast *tree.CastExpr, _ []any) {
		if isRegionType(cast.Type) {
			subject.fail("region-cast", "a cast to %s fails on old cores under load; compare without a cast, or take the region from the authority row", regionType)
		}
	})
}
