-- Comes before what changes something: a book that is being handed over changes no more.
if sealed then return { 'SEALED' } end
