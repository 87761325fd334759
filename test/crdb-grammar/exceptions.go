package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// exception lets one statement break one rule, with the reason in the open.
type exception struct {
	Rule string `json:"rule"`
	// Statement is the name of the statement, or the beginning of its text.
	Statement string `json:"statement"`
	Reason    string `json:"reason"`
}

//go:embed data/exceptions.json
var exceptionsJSON []byte

var exceptions = mustReadExceptions(exceptionsJSON)

func mustReadExceptions(content []byte) []exception {
	var read []exception
	if err := json.Unmarshal(content, &read); err != nil {
		panic(fmt.Errorf("data/exceptions.json: %w", err))
	}
	for _, one := range read {
		if one.Rule == "" || one.Statement == "" || one.Reason == "" {
			panic(fmt.Errorf("data/exceptions.json: %+v needs rule, statement and reason", one))
		}
	}
	return read
}

func exceptionFor(statement Statement, rule string) (reason string, allowed bool) {
	for _, one := range exceptions {
		named := one.Statement == statement.Name || strings.HasPrefix(oneLine(statement.SQL), oneLine(one.Statement))
		if one.Rule == rule && named {
			return one.Reason, true
		}
	}
	return "", false
}

func oneLine(sql string) string {
	return strings.Join(strings.Fields(sql), " ")
}
