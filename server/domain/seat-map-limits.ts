/** What a seat map may be at most. Each limit bounds a row, an answer or the work of an import. */

/** A file is held in memory once as bytes and once as text. 100,000 seats written out take 8 MiB. */
export const seatMapFileMaxBytes = 16 * 1024 * 1024

/** One event's inventory: a bitmap of 25,000 bytes. The largest stadiums hold about as many. */
export const seatMapMaxUnits = 100_000

export const seatMapMaxSections = 500

/** A seated section is one stored row and one tile of the map; a standing area has no such weight. */
export const seatedSectionMaxUnits = 10_000

/** In characters (code points). It has to fit on a ticket. */
export const placeNameMaxCharacters = 40

/** Of one coordinate from the origin, on either side. */
export const coordinateMaxMetres = 10_000

/** Two seats that are closer are one seat entered twice, or two rows drawn over each other. */
export const seatDistanceMinMetres = 0.2

/** A file with one mistake in each line need not be answered line by line. What ended the reading
 * and the count of the others come on top. */
export const seatMapListedFaultsMax = 100

/** So many unlisted faults end the reading: the file is something else altogether. */
export const seatMapCountedFaultsMax = 10_000

/** A line of a CSV seat map has seven fields; a line of millions of commas must not fill memory. */
export const csvLineMaxFields = 64

/** A JSON seat map is seven levels deep. The parser calls itself for each level of any file. */
export const jsonMaxDepth = 32
