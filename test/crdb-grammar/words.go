package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/lexbase"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
)

// word is one token. text is lower-case, and empty for literals and quoted names, which are
// never part of a form.
type word struct {
	id   int32
	text string
}

// form is one entry of forms.json: words that shared SQL does not use, and why.
type form struct {
	// Words in their order; a leading ^ binds them to the start of the statement.
	Words string `json:"words"`
	// Rule is absent (CockroachDB lacks it), newer (v21.1 lacks it), cockroach-only
	// (PostgreSQL lacks it) or unsafe (both have it and it does not mean the same).
	Rule    string `json:"rule"`
	Level   string `json:"level"`
	Reason  string `json:"reason"`
	Instead string `json:"instead"`
}

//go:embed data/forms.json
var formsJSON []byte

var forms = mustReadForms(formsJSON)

func mustReadForms(content []byte) []form {
	var read []form
	if err := json.Unmarshal(content, &read); err != nil {
		panic(fmt.Errorf("data/forms.json: %w", err))
	}
	return read
}

// wordsOf lists the tokens; nothing for a text that is not even lexically SQL there.
func wordsOf(sql string) []word {
	tokens, ok := parser.Tokens(sql)
	if !ok {
		return nil
	}
	words := make([]word, len(tokens))
	for i, token := range tokens {
		words[i] = word{id: token.TokenID, text: textOf(token)}
	}
	return words
}

func textOf(token parser.TokenString) string {
	switch token.TokenID {
	case lexbase.SCONST, lexbase.BCONST, lexbase.BITCONST, lexbase.ICONST, lexbase.FCONST:
		return ""
	case lexbase.FLOORDIV:
		return "//"
	case lexbase.AT_AT:
		return "@@"
	case lexbase.TYPECAST:
		return "::"
	}
	text := strings.ToLower(token.Str)
	// A keyword that arrives as an identifier was quoted: a name.
	if token.TokenID == lexbase.IDENT && lexbase.GetKeywordID(text) != lexbase.IDENT {
		return ""
	}
	return text
}

func checkWords(subject *Subject) {
	for _, form := range forms {
		if !hasForm(subject.tokens, form.Words) {
			continue
		}
		message := fmt.Sprintf("%s: %s", strings.TrimPrefix(form.Words, "^"), form.Reason)
		if form.Instead != "" {
			message += "; instead: " + form.Instead
		}
		level := form.Level
		if level == "" {
			level = levelError
		}
		subject.report(form.Rule, level, message)
	}
}

func hasForm(words []word, wanted string) bool {
	start, anchored := strings.CutPrefix(wanted, "^")
	sequence := strings.Fields(start)
	for i := 0; i+len(sequence) <= len(words); i++ {
		if matches(words[i:], sequence) {
			return true
		}
		if anchored {
			return false
		}
	}
	return false
}

func matches(words []word, sequence []string) bool {
	for i, text := range sequence {
		if words[i].text != text {
			return false
		}
	}
	return true
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
