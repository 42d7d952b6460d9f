export function Choice({
  label,
  value,
  choices,
  onChoose,
}: {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, text: string])[]
  readonly onChoose: (value: string) => void
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {choices.map(([value, text]) => (
          <option key={value} value={value} dir="auto">
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

export function DateField({
  label,
  value,
  onDate,
}: {
  readonly label: string
  readonly value: string
  readonly onDate: (date: string) => void
}) {
  return (
    <label>
      {label}
      <input type="date" value={value} onChange={({ currentTarget }) => onDate(currentTarget.value)} />
    </label>
  )
}
