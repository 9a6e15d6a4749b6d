//! Deutsch.

use super::{
    Album, Artist, Device, Fan, Feeds, Genre, Home, Layout, Messages, Missing, Network, Offers, Row, Search,
    Track,
};
use maud::html;

pub(crate) static DE: Messages = Messages {
    code: "de",
    by: |title, artist| format!("{title} von {artist}"),
    tracks: |n| format!("{n} Titel"),
    decimal: ',',
    bytes: "Bytes",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    day: |day, month, year| format!("{day}. {month} {year}"),
    layout: Layout {
        skip: "Zum Inhalt springen",
        player: "Player",
        signed: "Jeder Titel hier ist vom Künstler unterschrieben.",
        open_sealed: "Versiegelte Datei öffnen",
        interface: "API",
        plain: |command| {
            html! {
                "Diesem Programm fehlt der Webclient, deshalb sind die Seiten schlicht. Baue ihn mit " (command)
                " und dann osp noch einmal."
            }
        },
        search_label: "Titel, Künstler, Album oder Genre suchen",
        search_hint: "Titel, Künstler, Album, Genre",
        search: "Suchen",
        app: "Musik, unterschrieben von denen, die sie machen.",
    },
    home: Home {
        newest: "Neue Musik",
        older: "Ältere Musik",
        held: |tracks, artists| {
            format!("{tracks} Titel von {artists} Künstler{}", if artists == 1 { "" } else { "n" })
        },
        held_here: |held| format!("{held} auf diesem Knoten"),
        description: |held| format!("{held}, mit Unterschrift der Urheber."),
        nothing: "Hier ist noch nichts veröffentlicht.",
        publish: |command| html! { "Veröffentliche einen Ordner mit Musik: " (command) ". Dann lade diese Seite neu." },
        pages: "Seiten",
        more: "Mehr Titel",
    },
    row: Row { play: |name| format!("{name} abspielen"), keep: "Auf diesem Gerät behalten" },
    artist: Artist {
        description: |name, identity| format!("Titel von {name}, unterschrieben mit {identity}."),
        copy: "Kopieren",
        copy_of: |what| format!("{what} kopieren"),
        links: "Links",
        support: "Unterstützen",
        about: "Biografie",
    },
    album: Album {
        description: |name, extent| format!("{name}: {extent}."),
        licence: |label| html! { "Lizenz: " (label) },
    },
    track: Track {
        replaced: "Der Künstler hat diesen Titel ersetzt.",
        newer: "Zur neueren Fassung",
        checked_before: "Die Unterschrift des Künstlers wurde geprüft, bevor diese Seite geschrieben wurde.",
        checked_by_node: "Der Knoten hat die Unterschrift des Künstlers geprüft, bevor er diesen Eintrag aufnahm.",
        signed_record: "Unterschriebener Eintrag",
        download: "Herunterladen",
        album: "Album",
        number: |number| format!("Titel {number}"),
        released: "Erschienen",
        length: "Dauer",
        genre: "Genre",
        licence: "Lizenz",
        says: "Der Künstler sagt",
        streaming: "Streamen",
        mirroring: "Spiegeln",
        ai_training: "KI-Training",
        allowed: "erlaubt",
        not_allowed: "nicht erlaubt",
        identity: "Identität",
        content: "Inhalt",
        record: "Eintrag",
        magnet: "Magnet-Link",
        torrent: "Torrent",
        torrent_file: "Torrent-Datei",
        format: "Format",
        on: |album| html! { "Auf " (album) },
        from: |album| format!("aus {album}"),
    },
    offers: Offers {
        preview: "Hörprobe anhören",
        open: "Mit Schlüssel öffnen",
        title: "Schlüssel zu dieser Veröffentlichung",
        meaning: "Ein Schlüssel öffnet, wofür er verkauft wurde, und sonst nichts in der Datei. Die Preise hat der Künstler verlangt, \
                  als er dies unterschrieb; es gilt, was auf der Seite hinter dem Link steht.",
        limits: "Fristen sind Bitten des Künstlers, an die sich ehrliche Programme halten, keine Schlösser.",
        price: |price, what| html! { (price) " für " (what) },
        everything: "alles",
        cut: |name| html! { "den Ausschnitt " (name) },
        tier: |name| html! { "die Stufe " (name) },
        period: |length| format!("gedacht für {length} ab dem ersten Öffnen"),
        days: |n| if n == 1 { "24 Stunden".to_owned() } else { format!("{n} Tage") },
        seconds: |n| format!("{n} Sekunden"),
        buy: |shop| html! { "Kaufen bei " (shop) },
        opens: "Was der Schlüssel öffnet",
        all: |n| format!("Alle {n} Angebote"),
        keys: "Schlüssel:",
    },
    genre: Genre {
        title: |genre| format!("Genre: {genre}"),
        description: |genre| {
            format!("Musik des Genres {genre} auf diesem Knoten, mit Unterschrift der Urheber.")
        },
        feed: |genre| format!("Musik des Genres {genre}, mit Unterschrift der Urheber."),
        search: "In diesem Genre suchen",
        all: "Alle Genres",
        none: "Auf diesem Knoten gehört nichts zu diesem Genre.",
        genres: "Genres",
        genres_description: "Die Genres der Musik auf diesem Knoten.",
        no_genres: "Auf diesem Knoten hat kein Titel ein Genre.",
    },
    search: Search {
        title: "Suche",
        of: |words| format!("Suche: {words}"),
        of_genre: |genre| format!("Genre: {genre}"),
        of_both: |words, genre| format!("Suche: {words}, Genre {genre}"),
        description: "Titel, Künstler, Alben und Genres auf diesem Knoten suchen.",
        files_description: "Titel, Künstler, Alben und Genres suchen.",
        needs_script: |newest, genres| {
            html! { "Die Suche auf diesen Seiten braucht JavaScript. Ohne geht: " (newest) ", " (genres) "." }
        },
        what_is_new: "Neues",
        blank: "Gib einen Titel, einen Künstler, ein Album oder ein Genre ein.",
        nothing: "Auf diesem Knoten ist nichts zu finden. Versuch es mit weniger Buchstaben oder einem anderen Wort.",
        newest: "Die neuesten Titel auf diesem Knoten.",
        first: |n| format!("Die ersten {n} Titel"),
    },
    network: Network {
        title: "Im Netz",
        search: "Im Netz suchen",
        more: "Im Netz nach mehr suchen",
        busy: "Dieser Knoten sucht gerade für zu viele andere.",
        again: "Noch einmal versuchen",
        held: |peers| match peers {
            0 | 1 => "im Netz gefunden, bei 1 Teilnehmer".to_owned(),
            n => format!("im Netz gefunden, bei {n} Teilnehmern"),
        },
        found: |tracks| match tracks {
            0 => "Im Netz war nichts weiter zu finden".to_owned(),
            n => format!("{n} Titel im Netz gefunden"),
        },
    },
    feeds: Feeds {
        label: "Diese Liste für andere Programme",
        rss: "Podcast-Feed",
        m3u: "Playlist (M3U8)",
        json: "Einträge (JSON)",
    },
    device: Device {
        title: "Auf diesem Gerät",
        description: "Was du in diesem Browser behältst: Titel, versiegelte Veröffentlichungen, Lieblingstitel und Playlists.",
        needs_script: "Was du behältst, ist nur in deinem Browser; deshalb braucht diese Liste JavaScript.",
        offline: "Keine Verbindung",
        offline_description: "Der Knoten ist nicht erreichbar.",
        offline_text: "Der Knoten ist nicht erreichbar, und diese Seite war hier noch nie offen.",
        offline_hint: "Was du auf diesem Gerät behältst, spielt trotzdem.",
    },
    fan: Fan {
        title: "Versiegelte Datei öffnen",
        description: "Öffnet versiegelte Veröffentlichungen (SMSG) mit einem Lizenzschlüssel, in deinem Browser. Nichts verlässt ihn.",
        what: |ending| {
            html! {
                "Eine versiegelte Datei (ihr Name endet oft auf " (ending) ") enthält Musik, Videos oder anderes, das nur "
                "ein Lizenzschlüssel öffnet. Den Schlüssel hast du vom Künstler oder vom Laden."
            }
        },
        how: "Geöffnet wird sie hier, in deinem Browser. Die Datei, der Schlüssel und was du abspielst, werden nirgendwohin gesendet, \
              und wenn du einmal hier warst, geht diese Seite auch ohne Netz.",
        needs_script: "Hier eine Datei zu öffnen braucht JavaScript und WebAssembly, denn es geschieht nur in deinem Browser.",
        program: |command| html! { "Ohne sie tut das Programm dasselbe: " (command) },
    },
    missing: Missing {
        title: "Nicht hier",
        files: "Unter dieser Adresse ist nichts.",
        node: "Dieser Knoten hat nichts unter dieser Adresse.",
        see_new: "Sieh dir an, was neu ist",
        or_search: |link| html! { (link) " oder suche oben." },
        retracted: "Vom Künstler zurückgezogen",
        retracted_text: "Der Künstler hat diesen Titel mit einem unterschriebenen Widerruf zurückgezogen.",
        reason: |reason| html! { "Der Grund: " (reason) },
        blocked: "Hier nicht zu haben",
        blocked_text: "Der Betreiber dieses Knotens bietet diesen Titel nicht an. Andere tun es vielleicht.",
        no_place: "Diese Stelle gibt es in der Liste nicht",
        no_place_text: "Die Adresse nennt eine Stelle in einer Liste, die dieser Knoten nicht kennt.",
        start: "Beim Neuesten beginnen",
        broken: "Das hat nicht geklappt",
        broken_text: "Der Knoten konnte seinen Speicher nicht lesen. Der Grund steht im Protokoll des Betreibers.",
        first_page: "Zur ersten Seite",
    },
};
