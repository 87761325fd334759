package main

import (
	"reflect"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/types"
)

// Visit sees a node (always a pointer to a struct or to a named slice) and the nodes around it,
// outermost first. It returns whether to go on into the node.
type Visit func(node any, around []any) bool

// walk visits every node below root in the order of its fields. The parser's own tree.WalkStmt
// leaves out CTEs, join conditions, mutations' sources and more, so that a rule could miss them;
// walking the exported fields cannot.
func walk(root any, visit Visit) {
	walkValue(reflect.ValueOf(root), nil, visit)
}

var typeOfType = reflect.TypeOf(types.T{})

func walkValue(value reflect.Value, around []any, visit Visit) {
	switch value.Kind() {
	case reflect.Interface:
		if !value.IsNil() {
			walkValue(value.Elem(), around, visit)
		}
	case reflect.Pointer:
		// A type is a leaf: rules read it from its column or cast.
		if value.IsNil() || value.Type().Elem() == typeOfType {
			return
		}
		walkPointed(value, around, visit)
	case reflect.Struct:
		if value.CanAddr() {
			walkPointed(value.Addr(), around, visit)
			return
		}
		copied := reflect.New(value.Type())
		copied.Elem().Set(value)
		walkPointed(copied, around, visit)
	case reflect.Slice, reflect.Array:
		for i := 0; i < value.Len(); i++ {
			walkValue(value.Index(i), around, visit)
		}
	}
}

func walkPointed(pointer reflect.Value, around []any, visit Visit) {
	node := pointer.Elem()
	if node.Kind() != reflect.Struct {
		walkValue(node, around, visit)
		return
	}
	if node.Type() == typeOfType || !pointer.CanInterface() {
		return
	}
	if !visit(pointer.Interface(), around) {
		return
	}
	inside := append(around[:len(around):len(around)], pointer.Interface())
	for i := 0; i < node.NumField(); i++ {
		if field := node.Type().Field(i); field.IsExported() || field.Anonymous && field.Type.Kind() == reflect.Struct {
			walkValue(node.Field(i), inside, visit)
		}
	}
}

// each visits all nodes of one type.
func each[Node any](root any, visit func(node *Node, around []any)) {
	walk(root, func(node any, around []any) bool {
		if typed, ok := node.(*Node); ok {
			visit(typed, around)
		}
		return true
	})
}
