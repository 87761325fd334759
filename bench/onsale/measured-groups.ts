/**
 * What a run measures, all together and apart for each group of fans: of which place they are, and
 * whether the event that they come for lives there or far away.
 */
import { type Figures, Measurements } from './measurements.ts'

export type Group = { readonly place: string; readonly isHome: boolean }
export type GroupFigures = Group & { readonly figures: Figures }
/** What a fan's calls tell. */
export type Recorder = Pick<Measurements, 'called' | 'took' | 'refused' | 'paid'>

export class MeasuredGroups {
  readonly all = new Measurements()
  readonly #groups = new Map<string, { readonly group: Group; readonly measured: Measurements }>()

  recorderOf(group: Group): Recorder {
    const both = [this.all, this.#measuredOf(group)]
    return {
      called: () => {
        for (const each of both) each.called()
      },
      took: (step, endedAtMs, tookMs) => {
        for (const each of both) each.took(step, endedAtMs, tookMs)
      },
      refused: (code) => {
        for (const each of both) each.refused(code)
      },
      paid: (paidAtMs, tickets) => {
        for (const each of both) each.paid(paidAtMs, tickets)
      },
    }
  }

  /** @returns those of each group, by place, those at home first */
  figures(of: Parameters<Measurements['figures']>[0]): readonly GroupFigures[] {
    return [...this.#groups.values()]
      .map(({ group, measured }) => ({ ...group, figures: measured.figures(of) }))
      .sort((a, b) => a.place.localeCompare(b.place) || Number(b.isHome) - Number(a.isHome))
  }

  #measuredOf(group: Group): Measurements {
    const key = `${group.place} ${group.isHome}`
    const known = this.#groups.get(key) ?? { group, measured: new Measurements() }
    this.#groups.set(key, known)
    return known.measured
  }
}
