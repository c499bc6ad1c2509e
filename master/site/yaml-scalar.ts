/** What a plain scalar means in the core schema of YAML 1.2, read strictly. */
export type Resolved =
  | { readonly value: string | number | boolean | null; readonly problem: null }
  | { readonly value: null; readonly problem: string }

const NULL = /^(?:~|null|Null|NULL|)$/
const TRUE = /^(?:true|True|TRUE)$/
const FALSE = /^(?:false|False|FALSE)$/
const NUMBER = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const INTEGER = /^[-+]?[0-9]+$/
const BASED = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/
const NO_NUMBER = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

export function resolvePlain(source: string): Resolved {
  const first = source.charCodeAt(0)
  // Most plain scalars begin with a letter or a slash that can begin neither a number nor a word of the schema.
  if (first > 0x2f + 10 && !'tTfFnN~'.includes(source.charAt(0))) return { value: source, problem: null }
  if (NULL.test(source)) return { value: null, problem: null }
  if (TRUE.test(source)) return { value: true, problem: null }
  if (FALSE.test(source)) return { value: false, problem: null }
  if (NUMBER.test(source) || BASED.test(source)) return numeric(source)
  if (NO_NUMBER.test(source)) return { value: null, problem: 'infinity and NaN are no numbers here' }
  return { value: source, problem: null }
}

function numeric(source: string): Resolved {
  // Number() takes "0o17" and "0x1f" as YAML does, but "+5" and "0644" need a decimal reading.
  const value = BASED.test(source) ? Number(source) : Number.parseFloat(source)
  if (!Number.isFinite(value)) return { value: null, problem: 'it is too large for a number' }
  if (Object.is(value, -0)) return { value: null, problem: 'minus zero would be read as 0' }
  const whole = INTEGER.test(source) || BASED.test(source)
  if (whole && !Number.isSafeInteger(value)) {
    return {
      value: null,
      problem: `it would be read as ${value}, since whole numbers are exact up to 2^53 only`,
    }
  }
  return { value, problem: null }
}
