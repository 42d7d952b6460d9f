export default function JudgingPage(_: object) {
  return null
}
