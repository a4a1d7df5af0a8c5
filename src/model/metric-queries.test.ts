import { describe, expect, it } from 'vitest'
import { queryProblem } from './metric-queries.ts'

const RANGE = 'write the range [$window]: the time since the step began, at most `window`'

describe('a query that measures a color', () => {
  it.each([
    'sum(increase(x{color="$color"}[$window])) or vector(0)',
    'sum(increase(x{deployment="$service-$color",namespace="shop-$environment"}[ $window ]))',
    'sum(min_over_time(x{color="$color"}[$window]) unless x{color="$color"} offset $window)',
    `sum(increase(x{color='$color',path=~"/[a-z]+",other=~\`[^"]\`}[$window]))`,
    'sum(label_replace(rate(x{color="$color"}[$window]), "a", "$1", "b", "(.*)"))',
  ])('is taken: %s', query => {
    expect(queryProblem(query)).toBeUndefined()
  })

  it.each([
    ['sum(increase(x{color="$color"}[1m]))', 'looks back [1m], whenever the step began', RANGE],
    [
      'sum(increase(x{color="$color"}[$window])) / sum(y{}[5m])',
      'looks back [5m], whenever the step began',
      RANGE,
    ],
    [
      'max_over_time(x{color="$color"}[$window:5s])',
      'looks back [$window:5s], whenever the step began',
      RANGE,
    ],
    ['recorded:errors{color="$color"}', 'has no range, so nobody knows how far it looks back', RANGE],
    ['x{color="$color",a="[$window]"}', 'has no range, so nobody knows how far it looks back', RANGE],
    [
      'sum(increase(x[$window]))',
      'does not name $color: both colors would get the same answer',
      'choose the color’s series, such as {color="$color"}',
    ],
    [
      'sum(increase(x{service="$servise",color="$color"}[$window]))',
      'names $servise, which nothing is filled in for',
      'write one of $environment, $service, $color, $window',
    ],
  ])('is refused: %s', (query, what, remedy) => {
    expect(queryProblem(query)).toEqual({ what, remedy })
  })
})
