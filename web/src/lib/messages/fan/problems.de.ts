/** Was mit versiegelten Dateien schiefgehen kann, auf Deutsch. */

import type { problems as english, Told } from "./problems.en";

const told = (sentence: string, hint?: string): Told => (hint === undefined ? { sentence } : { sentence, hint });

const elsewhere = "Lade sie noch einmal herunter, am besten anderswo. Hilft das nicht, frag den Künstler.";

export const problems: typeof english = {
  wrongKey: told("Der Lizenzschlüssel öffnet diese Datei nicht, oder die Datei ist beschädigt.", "Jeder Buchstabe zählt, auch groß und klein, und jeder Bindestrich. Stimmt der Schlüssel, lade die Datei noch einmal herunter."),
  wrongId: told("Die Lizenz-Id oder der Fingerabdruck öffnet diese Datei nicht, oder die Datei ist beschädigt.", "Jeder Buchstabe zählt, auch groß und klein, und jeder Bindestrich. Stimmt beides, lade die Datei noch einmal herunter."),
  wrongLicence: told("Diese Lizenz öffnet diese Datei nicht.", "Prüfe Lizenz-Id und Fingerabdruck Buchstabe für Buchstabe."),
  needsKey: told("Gib zuerst den Lizenzschlüssel ein."),
  needsId: told("Gib zuerst die Lizenz-Id ein."),
  notById: told("Diese Datei öffnet man mit einem Lizenzschlüssel, nicht mit einer Lizenz-Id."),
  ended: (day) =>
    told(`Der Künstler hat diese Lizenz am ${day} enden lassen.`, "Das Datum ist eine Bitte, die in der Datei steht, kein Schloss: Dein Schlüssel öffnet sie weiterhin. Der Künstler bittet dich, neu zu kaufen."),
  copyOver: told("Die Zeit, für die diese Kopie gemacht wurde, ist vorbei.", "Sie hat nur Schlüssel für bestimmte Tage. Hol dir dort, wo du sie herhast, eine von heute, oder sieh nach dem Datum deines Geräts."),
  copyNotBegun: told("Die Zeit, für die diese Kopie gemacht wurde, hat noch nicht begonnen.", "Sieh nach dem Datum deines Geräts. Stimmt es, komm später wieder."),
  truncated: told("Die Datei endet zu früh: Ein Teil fehlt.", "Vermutlich brach die Übertragung ab. Lade sie noch einmal herunter."),
  notSealed: told("Das ist keine versiegelte Datei.", "Wähle die Datei, die du bekommen hast; ihr Name endet oft auf .smsg."),
  textTwice: told("Diese Datei wurde zweimal in Text verwandelt.", "Der Laden oder das Mailprogramm hat einen Fehler gemacht. Bitte um eine einfache .smsg-Datei."),
  badText: told("Das sieht nach einer versiegelten Datei aus, die in Text verwandelt wurde, aber der Text ist beschädigt.", "Buchstaben fehlen oder wurden geändert, wie es Mailprogramme tun. Bitte um eine einfache .smsg-Datei."),
  otherKind: told("Diese Datei ist von einer neueren oder anderen Art, als diese Seite öffnen kann.", "Lade diese Seite mit Verbindung neu und versuche es dann noch einmal."),
  tooMuch: told("Ausgepackt ist diese Datei größer, als diese Seite annimmt.", "Sie kann eine Falle sein, oder sehr groß. Das Programm nimmt auf Wunsch mehr an: osp unseal."),
  noRoom: told("Dieser Browser hat keinen Platz für den Inhalt der Datei.", "Schaffe Platz, verlasse das private Fenster oder nimm das Programm: osp unseal."),
  serverRefused: (status) => told(`Der Server gibt die Datei nicht heraus (Antwort ${status}).`, "Prüfe die Adresse, oder frag, wer sie dir gab."),
  notFetched: told(
    "Die Datei war unter dieser Adresse nicht zu bekommen.",
    "Vielleicht fehlt die Verbindung, die Adresse stimmt nicht, oder der Server lässt andere Seiten nicht lesen (CORS). Lade die Datei herunter und öffne sie hier.",
  ),
  changed: told("Die Datei hat sich beim Lesen geändert.", "Wähle sie noch einmal."),
  damaged: told("Die Datei ist beschädigt oder wurde falsch gemacht.", "Lade sie noch einmal herunter. Hilft das nicht, bitte den Künstler um eine andere Kopie."),
  stopped: told("Angehalten."),
  unknown: (said) => told("Die Datei ließ sich nicht öffnen.", said ? `Das Programm sagt: „${said}“` : undefined),
  typing: () => told("Im Schlüssel ist ein Fehler.", "Vergleiche ihn Gruppe für Gruppe mit dem, den du bekommen hast."),
  notAKey: told("Das ist kein Lizenzschlüssel.", "Ein Schlüssel beginnt mit den Buchstaben des Künstlers, dann kommen Vierergruppen. Kopiere ihn so, wie du ihn bekommen hast."),
  otherFile: told("Diese Lizenz gehört zu einer anderen Datei.", "Wähle die Lizenz, die mit dieser verkauft wurde."),
  badLicence: told("Die Lizenz im Link ist beschädigt.", "Kopiere den ganzen Link noch einmal: Teile gingen verloren."),
  badGrant: told("Der Schlüssel stimmt, aber nicht, wohin er führt.", "Die Datei oder die Lizenz wurde falsch gemacht. Frag, wer sie dir verkauft hat."),
  licenceOver: (day) =>
    told(`Der Künstler hat diese Lizenz am ${day} enden lassen.`, "Das Datum ist eine Bitte des Künstlers, kein Schloss: Dein Schlüssel öffnet sie weiterhin. Der Künstler bittet dich, neu zu kaufen."),
  licenceNotBegun: (day) => told(`Der Künstler bittet dich, damit bis zum ${day} zu warten.`, "Das Datum ist eine Bitte des Künstlers, kein Schloss. Sieh auch nach dem Datum deines Geräts."),
  badSignature: told("Die Unterschrift des Künstlers passt nicht zum Inhalt der Datei.", `Jemand hat sie geändert, oder sie ist beschädigt. ${elsewhere}`),
  otherArtist: told(
    "Das hat jemand anderes unterschrieben als den Eintrag des Titels, deshalb wird es nicht geöffnet.",
    "Gekaufte Musik kann jeder unter eigenem Namen neu versiegeln. Hol dir die Datei von dem Künstler, den du meinst.",
  ),
  artistUnknown: (said) => told("Es war nicht herauszufinden, wer diese Datei unterschrieben hat.", said && `Das Programm sagt: „${said}“ Versuche es später noch einmal.`),
  notSigned: told("Ein Teil dieser Datei ist nicht, was der Künstler unterschrieben hat, und wird nicht abgespielt.", elsewhere),
  notLicensed: told("Deine Lizenz öffnet diesen Teil nicht."),
  releaseDamaged: told("Die Datei ist beschädigt oder wurde falsch gemacht.", elsewhere),
  needsMore: told("Diese Datei braucht etwas, das diese Seite noch nicht kennt.", "Lade diese Seite mit Verbindung neu und versuche es dann noch einmal."),
  absurdWork: told("Eine Passphrase zu probieren, kostet bei dieser Datei unsinnig viel Arbeit; es wurde nicht versucht.", "Sie wurde falsch gemacht, oder um zu schaden."),
  noMemory: told("Der Speicher reicht nicht, um die Passphrase zu probieren.", "Schließe andere Seiten und versuche es noch einmal."),
  keyOfOther: told("Dieser Schlüssel öffnet diese Datei nicht.", "Sieh nach, ob Schlüssel und Datei zusammengehören. Kam eine Lizenzdatei (.smsgl) mit dem Schlüssel, wähle auch die."),
  partDamaged: told("Ein Teil dieser Datei ist beschädigt und wird nicht abgespielt.", elsewhere),
};
