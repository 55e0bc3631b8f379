<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutPage</name>
    <message>
        <source>facecam recognizes faces and objects. Everything runs on this computer; facecam opens no connection except to the network cameras and addresses that you name. It is licensed under the Apache License 2.0.</source>
        <translation>facecam erkennt Gesichter und Gegenstände. Alles läuft auf diesem Computer; facecam verbindet sich nur mit den Netzwerkkameras und Adressen, die Sie angeben. Es steht unter der Apache-Lizenz 2.0.</translation>
    </message>
    <message>
        <source>Versions and licenses</source>
        <translation>Versionen und Lizenzen</translation>
    </message>
    <message>
        <source>The versions were copied.</source>
        <translation>Die Versionen wurden kopiert.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>Licenses as the packages state them. The full texts, also of the libraries that a package contains, are in the packages&apos; folders.</source>
        <translation>Lizenzen, wie die Pakete sie angeben. Die vollständigen Texte, auch die der enthaltenen Bibliotheken, liegen in den Ordnern der Pakete.</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Libraries</source>
        <translation>Bibliotheken</translation>
    </message>
    <message>
        <source>face detection</source>
        <translation>Gesichter finden</translation>
    </message>
    <message>
        <source>face recognition</source>
        <translation>Gesichter erkennen</translation>
    </message>
    <message>
        <source>distances of a network</source>
        <translation>Abstände eines Netzes</translation>
    </message>
    <message>
        <source>expressions</source>
        <translation>Gesichtsausdrücke</translation>
    </message>
    <message>
        <source>objects</source>
        <translation>Gegenstände</translation>
    </message>
    <message>
        <source>names of objects</source>
        <translation>Namen der Gegenstände</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Purpose</source>
        <translation>Zweck</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>Netze</translation>
    </message>
    <message>
        <source>License text</source>
        <translation>Lizenztext</translation>
    </message>
    <message>
        <source>License texts</source>
        <translation>Lizenztexte</translation>
    </message>
</context>
<context>
    <name>ActionToolBar</name>
    <message>
        <source>Toolbar</source>
        <translation>Werkzeugleiste</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Gegenstände</translation>
    </message>
    <message>
        <source>Recognize the object in front of the camera</source>
        <translation>Den Gegenstand vor der Kamera erkennen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Freeze the video; recognition and logging pause too</source>
        <translation>Das Bild anhalten; Erkennung und Protokoll pausieren ebenfalls</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Source</source>
        <translation>&amp;Quelle</translation>
    </message>
    <message>
        <source>&amp;People</source>
        <translation>&amp;Personen</translation>
    </message>
    <message>
        <source>&amp;Objects</source>
        <translation>&amp;Gegenstände</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>E&amp;xtras</translation>
    </message>
    <message>
        <source>Recognize the people in front of the camera</source>
        <translation>Die Personen vor der Kamera erkennen</translation>
    </message>
    <message>
        <source>Pause a file, or show its next frame</source>
        <translation>Eine Datei anhalten oder ihr nächstes Bild zeigen</translation>
    </message>
    <message>
        <source>Play a file again from its beginning at its end</source>
        <translation>Eine Datei am Ende wieder von vorn abspielen</translation>
    </message>
    <message>
        <source>Cover the faces of all unknown people in the window, in snapshots and in recordings</source>
        <translation>Die Gesichter aller unbekannten Personen abdecken: im Fenster, in Schnappschüssen und in Aufnahmen</translation>
    </message>
    <message>
        <source>Save the view as an image after a countdown; Escape cancels</source>
        <translation>Die Ansicht nach einem Countdown als Bild speichern; Escape bricht ab</translation>
    </message>
    <message>
        <source>Name this moment in the log</source>
        <translation>Diesen Moment im Protokoll benennen</translation>
    </message>
    <message>
        <source>Describe the next session in the log, for example its participant</source>
        <translation>Die nächste Sitzung im Protokoll beschreiben, zum Beispiel die Versuchsperson</translation>
    </message>
    <message>
        <source>End the session, and show who was present</source>
        <translation>Die Sitzung beenden und zeigen, wer da war</translation>
    </message>
    <message>
        <source>Explain the name of the chosen face: the compared photos, distances and votes</source>
        <translation>Den Namen des gewählten Gesichts erklären: verglichene Fotos, Abstände und Stimmen</translation>
    </message>
    <message>
        <source>Write a report of this session&apos;s log and open it</source>
        <translation>Einen Bericht aus dem Protokoll dieser Sitzung schreiben und öffnen</translation>
    </message>
    <message>
        <source>Open the folder of this session&apos;s log</source>
        <translation>Den Ordner mit dem Protokoll dieser Sitzung öffnen</translation>
    </message>
    <message>
        <source>Apply the naming or rejection again that was undone last</source>
        <translation>Die zuletzt rückgängig gemachte Benennung oder Ablehnung wiederholen</translation>
    </message>
    <message>
        <source>Recognize faces</source>
        <translation>Gesichter erkennen</translation>
    </message>
    <message>
        <source>Recognize objects</source>
        <translation>Gegenstände erkennen</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>5 seconds back</source>
        <translation>5 Sekunden zurück</translation>
    </message>
    <message>
        <source>5 seconds ahead</source>
        <translation>5 Sekunden vor</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>Endlos wiederholen</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>Schnappschuss</translation>
    </message>
    <message>
        <source>Save the current view as an image</source>
        <translation>Die aktuelle Ansicht als Bild speichern</translation>
    </message>
    <message>
        <source>Snapshot in 3 seconds</source>
        <translation>Schnappschuss in 3 Sekunden</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Record the view as a video</source>
        <translation>Die Ansicht als Video aufnehmen</translation>
    </message>
    <message>
        <source>Session labels…</source>
        <translation>Merkmale der Sitzung …</translation>
    </message>
    <message>
        <source>End session</source>
        <translation>Sitzung beenden</translation>
    </message>
    <message>
        <source>Open report</source>
        <translation>Bericht öffnen</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Protokollordner öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Datei öffnen …</translation>
    </message>
    <message>
        <source>Open an address…</source>
        <translation>Adresse öffnen …</translation>
    </message>
    <message>
        <source>Demo without a camera</source>
        <translation>Vorführung ohne Kamera</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Mirror the video horizontally</source>
        <translation>Das Bild waagerecht spiegeln</translation>
    </message>
    <message>
        <source>Numbers next to faces</source>
        <translation>Zahlen neben Gesichtern</translation>
    </message>
    <message>
        <source>Show distances and percentages next to the faces</source>
        <translation>Abstände und Prozentwerte neben den Gesichtern zeigen</translation>
    </message>
    <message>
        <source>Heatmap</source>
        <translation>Heatmap</translation>
    </message>
    <message>
        <source>Highlight what makes a face match its photo, or what supports an object&apos;s label</source>
        <translation>Hervorheben, was ein Gesicht dem Foto ähnlich macht oder für die Bezeichnung eines Gegenstands spricht</translation>
    </message>
    <message>
        <source>Video only</source>
        <translation>Nur das Bild</translation>
    </message>
    <message>
        <source>Hide everything but the video</source>
        <translation>Alles außer dem Bild ausblenden</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Fill the whole screen</source>
        <translation>Den ganzen Bildschirm füllen</translation>
    </message>
    <message>
        <source>Undo the last correction</source>
        <translation>Letzte Korrektur rückgängig machen</translation>
    </message>
    <message>
        <source>Undo the last naming or rejection of a face</source>
        <translation>Die letzte Benennung oder Ablehnung eines Gesichts rückgängig machen</translation>
    </message>
    <message>
        <source>Marker…</source>
        <translation>Zeitmarke …</translation>
    </message>
    <message>
        <source>Cover strangers</source>
        <translation>Fremde abdecken</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>Redo the correction</source>
        <translation>Korrektur wiederholen</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Show all keyboard shortcuts</source>
        <translation>Alle Tastenkürzel zeigen</translation>
    </message>
</context>
<context>
    <name>AddressLine</name>
    <message>
        <source>A&amp;ddress of the camera:</source>
        <translation>Adresse der &amp;Kamera:</translation>
    </message>
    <message>
        <source>Address of the camera</source>
        <translation>Adresse der Kamera</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>An unknown person is here.</source>
        <translation>Eine unbekannte Person ist da.</translation>
    </message>
    <message>
        <source>{name} is here.</source>
        <translation>{name} ist da.</translation>
    </message>
</context>
<context>
    <name>BackgroundSettings</name>
    <message>
        <source>Background and notifications</source>
        <translation>Hintergrund und Benachrichtigungen</translation>
    </message>
    <message>
        <source>Keep running in the system tray when the window is closed</source>
        <translation>Nach dem Schließen des Fensters im Infobereich weiterlaufen</translation>
    </message>
    <message>
        <source>Start when you log in, in the background</source>
        <translation>Bei der Anmeldung im Hintergrund starten</translation>
    </message>
    <message>
        <source>Recognition and the log then begin at login, with the first camera.</source>
        <translation>Erkennung und Protokoll beginnen dann bei der Anmeldung, mit der ersten Kamera.</translation>
    </message>
    <message>
        <source>Notify me when one of these appears:</source>
        <translation>Benachrichtigen, wenn jemand von diesen erscheint:</translation>
    </message>
    <message>
        <source>Unknown people</source>
        <translation>Unbekannte Personen</translation>
    </message>
    <message>
        <source>Notify me about these people</source>
        <translation>Über diese Personen benachrichtigen</translation>
    </message>
    <message>
        <source>Once per visit, as text without an image, and only while you use another window. Your desktop may also show notifications on the lock screen.</source>
        <translation>Einmal je Besuch, als Text ohne Bild, und nur während Sie ein anderes Fenster verwenden. Ihr System zeigt Benachrichtigungen eventuell auch auf dem Sperrbildschirm.</translation>
    </message>
    <message>
        <source>This desktop has no system tray at present. Closing the window ends facecam.</source>
        <translation>Zurzeit gibt es keinen Infobereich. Das Schließen des Fensters beendet facecam.</translation>
    </message>
</context>
<context>
    <name>CameraList</name>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>Demo without a camera</source>
        <translation>Vorführung ohne Kamera</translation>
    </message>
</context>
<context>
    <name>CameraMenuSection</name>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
</context>
<context>
    <name>CameraScenes</name>
    <message>
        <source>The video source changed. Start over.</source>
        <translation>Die Videoquelle hat sich geändert. Bitte neu beginnen.</translation>
    </message>
    <message>
        <source>Undone: these photos of {name} were removed from the gallery.</source>
        <translation>Rückgängig gemacht: Diese Fotos von {name} sind nicht mehr in der Galerie.</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>Starting recognition…</source>
        <translation>Die Erkennung startet …</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The video has stopped, so the test cannot run.</source>
        <translation>Es kommt kein Bild mehr, also ist kein Test möglich.</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Which photos do you want to keep?</source>
        <translation>Welche Fotos möchten Sie behalten?</translation>
    </message>
    <message>
        <source>Photos to keep: {kept} of {count}. Varied photos improve recognition.</source>
        <translation>Zu behaltende Fotos: {kept} von {count}. Unterschiedliche Fotos verbessern die Erkennung.</translation>
    </message>
    <message>
        <source>Back to the photos</source>
        <translation>Zurück zu den Fotos</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Connect a camera or open a video, or cancel and choose photos.</source>
        <translation>Schließen Sie eine Kamera an oder öffnen Sie ein Video, oder brechen Sie ab und wählen Sie Fotos.</translation>
    </message>
    <message>
        <source>No video</source>
        <translation>Kein Video</translation>
    </message>
    <message>
        <source>Discard the photos?</source>
        <translation>Fotos verwerfen?</translation>
    </message>
    <message>
        <source>They are not saved yet.</source>
        <translation>Sie sind noch nicht gespeichert.</translation>
    </message>
    <message>
        <source>Look into the camera once more.</source>
        <translation>Bitte noch einmal in die Kamera sehen.</translation>
    </message>
    <message>
        <source>Finish without the test</source>
        <translation>Ohne Test abschließen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>{name} is enrolled. Testing recognition…</source>
        <translation>{name} ist eingelernt. Die Erkennung wird getestet …</translation>
    </message>
    <message>
        <source>Self-test</source>
        <translation>Selbsttest</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Test again</source>
        <translation>Erneut testen</translation>
    </message>
    <message>
        <source>&amp;Retake photos</source>
        <translation>Fotos &amp;neu aufnehmen</translation>
    </message>
    <message>
        <source>The photos are saved. More varied photos may help.</source>
        <translation>Die Fotos sind gespeichert. Weitere, unterschiedliche Fotos helfen vielleicht.</translation>
    </message>
    <message>
        <source>Enrolled and recognized</source>
        <translation>Eingelernt und erkannt</translation>
    </message>
    <message>
        <source>Enrolled, but not recognized yet</source>
        <translation>Eingelernt, aber noch nicht erkannt</translation>
    </message>
    <message>
        <source>No photo was kept, or none differs enough from the photos in the gallery. Retake some of them.</source>
        <translation>Kein Foto wurde behalten, oder keines unterscheidet sich genug von den Fotos in der Galerie. Bitte einige neu aufnehmen.</translation>
    </message>
    <message>
        <source>Nothing was saved</source>
        <translation>Nichts gespeichert</translation>
    </message>
    <message>
        <source>Continue with the poses captured</source>
        <translation>Mit den aufgenommenen Posen weitermachen</translation>
    </message>
    <message>
        <source>It ended before every pose was captured.</source>
        <translation>Es war zu Ende, bevor jede Pose aufgenommen war.</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>The video has ended</source>
        <translation>Das Video ist zu Ende</translation>
    </message>
</context>
<context>
    <name>ChecklistView</name>
    <message>
        <source>Photo requirements</source>
        <translation>Anforderungen an das Foto</translation>
    </message>
    <message>
        <source>{check}: yes</source>
        <translation>{check}: ja</translation>
    </message>
    <message>
        <source>{check}: no</source>
        <translation>{check}: nein</translation>
    </message>
    <message>
        <source>{check}: not checked yet</source>
        <translation>{check}: noch nicht geprüft</translation>
    </message>
</context>
<context>
    <name>ClosestPairView</name>
    <message>
        <source>Closest pair of people</source>
        <translation>Ähnlichstes Paar</translation>
    </message>
    <message>
        <source>Photo of {name}</source>
        <translation>Foto von {name}</translation>
    </message>
    <message>
        <source>Enroll a second person to see how similar the two are.</source>
        <translation>Lernen Sie eine zweite Person ein, um zu sehen, wie ähnlich sich beide sind.</translation>
    </message>
    <message>
        <source>{distance} to the mean of the photos of {name}</source>
        <translation>{distance} zum Mittel der Fotos von {name}</translation>
    </message>
    <message>
        <source>Distance {distance}: below the match threshold. Only the margin prevents a mix-up.</source>
        <translation>Abstand {distance}: unter der Schwelle. Nur der Vorsprung verhindert eine Verwechslung.</translation>
    </message>
    <message>
        <source>Distance {distance}: above the match threshold.</source>
        <translation>Abstand {distance}: über der Schwelle.</translation>
    </message>
</context>
<context>
    <name>ConflictView</name>
    <message>
        <source>New photo</source>
        <translation>Neues Foto</translation>
    </message>
    <message>
        <source>{name}, enrolled</source>
        <translation>{name}, eingelernt</translation>
    </message>
    <message>
        <source>Distance: {distance}. Smaller means more alike; 0 is the same photo.</source>
        <translation>Abstand: {distance}. Je kleiner, desto ähnlicher; 0 ist dasselbe Foto.</translation>
    </message>
    <message>
        <source>Distance: {distance}. Photos of one person are at most {limit} apart.</source>
        <translation>Abstand: {distance}. Fotos einer Person liegen höchstens {limit} auseinander.</translation>
    </message>
    <message>
        <source>New photos: {count}</source>
        <translation>Neue Fotos: {count}</translation>
    </message>
</context>
<context>
    <name>Consent</name>
    <message>
        <source>This person agrees that photos of their face are stored on this computer so that it can recognize them.</source>
        <translation>Diese Person ist einverstanden, dass Fotos ihres Gesichts auf diesem Computer gespeichert werden, damit er sie erkennen kann.</translation>
    </message>
    <message>
        <source>Photos and logs stay on this computer: facecam sends nothing anywhere, and you can remove a person at any time.</source>
        <translation>Fotos und Protokolle bleiben auf diesem Computer: facecam sendet sie nirgendwohin, und Sie können jede Person jederzeit entfernen.</translation>
    </message>
</context>
<context>
    <name>ConsentPanel</name>
    <message>
        <source>What the person agreed to</source>
        <translation>Womit die Person einverstanden ist</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Withdraw consent</source>
        <translation>Einwilligung widerrufen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Consent of {name}</source>
        <translation>Einwilligung von {name}</translation>
    </message>
    <message>
        <source>Check the box if the person agrees. The sentence and the date are stored in person.toml.</source>
        <translation>Kreuzen Sie das Kästchen an, wenn die Person einverstanden ist. Der Satz und das Datum werden in person.toml gespeichert.</translation>
    </message>
    <message>
        <source>The text has {count} characters. Shorten it to at most {limit}.</source>
        <translation>Der Text hat {count} Zeichen. Kürzen Sie ihn auf höchstens {limit}.</translation>
    </message>
    <message>
        <source>A withdrawn consent is kept in person.toml with the date. The photos stay until you remove the person.</source>
        <translation>Eine widerrufene Einwilligung bleibt mit dem Datum in person.toml. Die Fotos bleiben, bis Sie die Person entfernen.</translation>
    </message>
    <message>
        <source>Recorded: {date}. The date stays when you change the text.</source>
        <translation>Vermerkt: {date}. Das Datum bleibt, wenn Sie den Text ändern.</translation>
    </message>
</context>
<context>
    <name>CorrectionController</name>
    <message>
        <source>The session has ended. Open a camera or a video first.</source>
        <translation>Die Sitzung ist beendet. Öffnen Sie zuerst eine Kamera oder ein Video.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undone: {correction}.</source>
        <translation>Rückgängig gemacht: {correction}.</translation>
    </message>
    <message>
        <source>Redone: {correction}.</source>
        <translation>Wiederholt: {correction}.</translation>
    </message>
    <message>
        <source>This face is no longer named {name}.</source>
        <translation>Dieses Gesicht heißt nicht mehr {name}.</translation>
    </message>
    <message>
        <source>Named: {name}</source>
        <translation>Benannt: {name}</translation>
    </message>
    <message>
        <source>The face is no longer visible. Nothing was changed.</source>
        <translation>Das Gesicht ist nicht mehr zu sehen. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>Es gibt nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>The camera needs a better view of this face. Look at the camera and move closer.</source>
        <translation>Dieses Gesicht muss besser zu sehen sein. Schauen Sie in die Kamera und kommen Sie näher.</translation>
    </message>
    <message>
        <source>Undo the last correction</source>
        <translation>Letzte Korrektur rückgängig machen</translation>
    </message>
    <message>
        <source>Undo: {correction}</source>
        <translation>Rückgängig: {correction}</translation>
    </message>
    <message>
        <source>Redo the correction</source>
        <translation>Korrektur wiederholen</translation>
    </message>
    <message>
        <source>Redo: {correction}</source>
        <translation>Wiederholen: {correction}</translation>
    </message>
    <message>
        <source>Yes, this is {name}</source>
        <translation>Ja, das ist {name}</translation>
    </message>
    <message>
        <source>This face differs from the photos of {name}, or changes during the video. Is it really {name}?</source>
        <translation>Dieses Gesicht unterscheidet sich von den Fotos von {name} oder wechselt im Video. Ist das wirklich {name}?</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>{name} was removed from the gallery. Nothing was changed.</source>
        <translation>{name} wurde aus der Galerie entfernt. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>Es gibt nichts zu wiederholen.</translation>
    </message>
    <message>
        <source>This looks like another enrolled person. Is it really {name}?</source>
        <translation>Das sieht aus wie eine andere eingelernte Person. Ist es wirklich {name}?</translation>
    </message>
    <message>
        <source>This looks like {rival}, who is already enrolled. Is it really {name}, a different person?</source>
        <translation>Das sieht nach {rival} aus, schon eingelernt. Ist es wirklich jemand anderes, nämlich {name}?</translation>
    </message>
    <message>
        <source>No, it is {rival}</source>
        <translation>Nein, es ist {rival}</translation>
    </message>
</context>
<context>
    <name>Corrections</name>
    <message>
        <source>rejected {name}</source>
        <translation>Ablehnung von {name}</translation>
    </message>
    <message>
        <source>named {name}</source>
        <translation>Benennung als {name}</translation>
    </message>
</context>
<context>
    <name>DecisionValues</name>
    <message>
        <source>Distance</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>Next person</source>
        <translation>Nächste Person</translation>
    </message>
    <message>
        <source>Margin</source>
        <translation>Vorsprung</translation>
    </message>
    <message>
        <source>Match threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Votes</source>
        <translation>Stimmen</translation>
    </message>
    <message>
        <source>Living face</source>
        <translation>Lebendes Gesicht</translation>
    </message>
    <message>
        <source>none</source>
        <translation>entfällt</translation>
    </message>
    <message>
        <source>{margin}, at least {least} required</source>
        <translation>{margin}, mindestens {least} nötig</translation>
    </message>
    <message>
        <source>{votes} of {all}</source>
        <translation>{votes} von {all}</translation>
    </message>
    <message>
        <source>no one</source>
        <translation>niemand</translation>
    </message>
    <message>
        <source>{distance} to {name}</source>
        <translation>{distance} zu {name}</translation>
    </message>
</context>
<context>
    <name>Decisions</name>
    <message>
        <source>Clearly a face</source>
        <translation>Eindeutig ein Gesicht</translation>
    </message>
    <message>
        <source>Large enough</source>
        <translation>Groß genug</translation>
    </message>
    <message>
        <source>Not cut off</source>
        <translation>Nicht abgeschnitten</translation>
    </message>
    <message>
        <source>Sharp</source>
        <translation>Scharf</translation>
    </message>
    <message>
        <source>Well lit</source>
        <translation>Gut beleuchtet</translation>
    </message>
    <message>
        <source>Not turned sideways</source>
        <translation>Nicht seitwärts gedreht</translation>
    </message>
    <message>
        <source>Not tilted up or down</source>
        <translation>Nicht nach oben oder unten geneigt</translation>
    </message>
    <message>
        <source>Not tilted sideways</source>
        <translation>Nicht zur Seite geneigt</translation>
    </message>
    <message>
        <source>Not compared. {why}</source>
        <translation>Nicht verglichen. {why}</translation>
    </message>
    <message>
        <source>Known as {name}.</source>
        <translation>Bekannt als {name}.</translation>
    </message>
    <message>
        <source>Known as {name} by most of the recent comparisons, but not by the last one alone.</source>
        <translation>Bekannt als {name} nach den meisten der letzten Vergleiche, aber nicht nach dem letzten allein.</translation>
    </message>
    <message>
        <source>Known as {name}: distance {distance} is below {threshold}, and no one else is enrolled.</source>
        <translation>Bekannt als {name}: Der Abstand {distance} liegt unter {threshold}, und sonst ist niemand eingelernt.</translation>
    </message>
    <message>
        <source>Known as {name}: distance {distance} is below {threshold}, and the next person is {margin} farther away.</source>
        <translation>Bekannt als {name}: Der Abstand {distance} liegt unter {threshold}, und die nächste Person ist um {margin} weiter entfernt.</translation>
    </message>
    <message>
        <source>Unknown. {why}</source>
        <translation>Unbekannt. {why}</translation>
    </message>
    <message>
        <source>Unknown by most of the recent comparisons, but not by the last one alone.</source>
        <translation>Unbekannt nach den meisten der letzten Vergleiche, aber nicht nach dem letzten allein.</translation>
    </message>
    <message>
        <source>Unknown: the nearest person, {name}, is at distance {distance}, above the limit of {limit}.</source>
        <translation>Unbekannt: Die nächste Person ist {name}, aber der Abstand {distance} liegt über der Grenze {limit}.</translation>
    </message>
    <message>
        <source>Unsure. {why}</source>
        <translation>Unsicher. {why}</translation>
    </message>
    <message>
        <source>Perhaps {name}: distance {distance} is slightly above {threshold}.</source>
        <translation>Vielleicht {name}: Der Abstand {distance} liegt etwas über {threshold}.</translation>
    </message>
    <message>
        <source>{name} or {second}? Their distances differ by {margin}; at least {least} is required.</source>
        <translation>{name} oder {second}? Die Abstände unterscheiden sich um {margin}; nötig sind mindestens {least}.</translation>
    </message>
    <message>
        <source>Similar to {name}. {why}</source>
        <translation>Ähnlich wie {name}. {why}</translation>
    </message>
    <message>
        <source>{distance} to the nearest photo of {name}</source>
        <translation>{distance} zum nächsten Foto von {name}</translation>
    </message>
    <message>
        <source>{distance} to the mean of the {photos} photos of {name}, {photo} to the nearest of them</source>
        <translation>{distance} zum Mittel der {photos} Fotos von {name}, {photo} zum nächsten davon</translation>
    </message>
    <message>
        <source>{score} (a picture or a screen: below {limit})</source>
        <translation>{score} (ein Bild oder ein Bildschirm: unter {limit})</translation>
    </message>
    <message>
        <source>{pixels} px</source>
        <translation>{pixels} px</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>{degrees}°</source>
        <translation>{degrees}°</translation>
    </message>
    <message>
        <source>≤ {most}</source>
        <translation>≤ {most}</translation>
    </message>
    <message>
        <source>≥ {least}</source>
        <translation>≥ {least}</translation>
    </message>
    <message>
        <source>{least} to {most}</source>
        <translation>{least} bis {most}</translation>
    </message>
</context>
<context>
    <name>DistanceScale</name>
    <message>
        <source>Scale of distances</source>
        <translation>Skala der Abstände</translation>
    </message>
    <message>
        <source>Match threshold {distance}</source>
        <translation>Schwelle {distance}</translation>
    </message>
    <message>
        <source>known</source>
        <translation>bekannt</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>unsicher</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
</context>
<context>
    <name>DocumentationPage</name>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Dokument</translation>
    </message>
    <message>
        <source>The documentation is in English. It is a part of facecam and needs no connection.</source>
        <translation>Die Dokumentation ist auf Englisch. Sie gehört zu facecam und braucht keine Verbindung.</translation>
    </message>
    <message>
        <source>The documentation is missing from this installation.</source>
        <translation>In dieser Installation fehlt die Dokumentation.</translation>
    </message>
    <message>
        <source>{name} is not part of the installed documentation.</source>
        <translation>{name} gehört nicht zur installierten Dokumentation.</translation>
    </message>
</context>
<context>
    <name>Enrollment</name>
    <message>
        <source>Straight ahead</source>
        <translation>Geradeaus</translation>
    </message>
    <message>
        <source>To the left</source>
        <translation>Nach links</translation>
    </message>
    <message>
        <source>To the right</source>
        <translation>Nach rechts</translation>
    </message>
    <message>
        <source>Chin up</source>
        <translation>Kinn hoch</translation>
    </message>
    <message>
        <source>Chin down</source>
        <translation>Kinn runter</translation>
    </message>
    <message>
        <source>One face</source>
        <translation>Ein Gesicht</translation>
    </message>
    <message>
        <source>Close enough</source>
        <translation>Nah genug</translation>
    </message>
    <message>
        <source>Sharp</source>
        <translation>Scharf</translation>
    </message>
    <message>
        <source>Well lit</source>
        <translation>Gut beleuchtet</translation>
    </message>
    <message>
        <source>Head in position</source>
        <translation>Kopf in Position</translation>
    </message>
    <message>
        <source>{name} is recognized.</source>
        <translation>{name} wird erkannt.</translation>
    </message>
    <message>
        <source>{name} is not recognized yet. {why}</source>
        <translation>{name} wird noch nicht erkannt. {why}</translation>
    </message>
    <message>
        <source>Distance to the photos: {distance}. Match threshold: {threshold}.</source>
        <translation>Abstand zu den Fotos: {distance}. Schwelle: {threshold}.</translation>
    </message>
    <message>
        <source>Next closest: {other} at {distance}.</source>
        <translation>Am nächsten danach: {other} mit {distance}.</translation>
    </message>
</context>
<context>
    <name>EnrollmentPage</name>
    <message>
        <source>Enroll a person</source>
        <translation>Person einlernen</translation>
    </message>
    <message>
        <source>Finish or cancel the current enrollment first, then drop the photos again.</source>
        <translation>Bitte erst das laufende Einlernen abschließen oder abbrechen, dann die Fotos noch einmal hierher ziehen.</translation>
    </message>
    <message>
        <source>Finish or cancel the enrollment first.</source>
        <translation>Bitte erst das laufende Einlernen abschließen oder abbrechen.</translation>
    </message>
    <message>
        <source>&amp;Add the photos</source>
        <translation>&amp;Fotos hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Use the camera</source>
        <translation>Ka&amp;mera verwenden</translation>
    </message>
    <message>
        <source>Photos or folders: {count}. Each photo must show this person&apos;s face. If a photo shows several faces, you can choose one.</source>
        <translation>Fotos oder Ordner: {count}. Jedes Foto muss das Gesicht dieser Person zeigen. Sind es mehrere Gesichter, können Sie eines auswählen.</translation>
    </message>
    <message>
        <source>Be&amp;gin</source>
        <translation>&amp;Beginnen</translation>
    </message>
    <message>
        <source>&amp;Choose photos…</source>
        <translation>&amp;Fotos wählen …</translation>
    </message>
    <message>
        <source>The next step asks you to look at the camera and turn your head. You can also drop photos here.</source>
        <translation>Im nächsten Schritt in die Kamera sehen und den Kopf drehen. Sie können auch Fotos hierher ziehen.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Who do you want to enroll?</source>
        <translation>Wen möchten Sie einlernen?</translation>
    </message>
    <message>
        <source>The gallery is still loading. Try again in a moment.</source>
        <translation>Die Galerie wird noch geladen. Bitte gleich noch einmal versuchen.</translation>
    </message>
    <message>
        <source>{name} is enrolled.</source>
        <translation>{name} ist eingelernt.</translation>
    </message>
    <message>
        <source>Instruction</source>
        <translation>Anweisung</translation>
    </message>
    <message>
        <source>Yes, the same person</source>
        <translation>Ja, dieselbe Person</translation>
    </message>
    <message>
        <source>No, a different person</source>
        <translation>Nein, eine andere Person</translation>
    </message>
    <message>
        <source>Is this the same person as {rival}?</source>
        <translation>Ist das dieselbe Person wie {rival}?</translation>
    </message>
    <message>
        <source>{rival} is already enrolled and looks almost the same. If this is the same person, the photos are added to {rival}.</source>
        <translation>{rival} ist schon eingelernt und sieht fast gleich aus. Ist es dieselbe Person, kommen die Fotos zu {rival}.</translation>
    </message>
    <message>
        <source>Leave out those on the right ({count})</source>
        <translation>Die rechten weglassen ({count})</translation>
    </message>
    <message>
        <source>Yes, one person: use all photos</source>
        <translation>Ja, eine Person: alle Fotos verwenden</translation>
    </message>
    <message>
        <source>Do all photos show {name}?</source>
        <translation>Zeigen alle Fotos {name}?</translation>
    </message>
    <message>
        <source>The faces on the right look like a different person. If two people have one name, both are recognized as {name}.</source>
        <translation>Die Gesichter rechts sehen nach einer anderen Person aus. Tragen zwei Personen einen Namen, werden beide als {name} erkannt.</translation>
    </message>
</context>
<context>
    <name>EnrollmentStart</name>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>First name or nickname</source>
        <translation>Vorname oder Spitzname</translation>
    </message>
    <message>
        <source>Enter a name.</source>
        <translation>Geben Sie einen Namen ein.</translation>
    </message>
    <message>
        <source>Check the box if this person agrees.</source>
        <translation>Setzen Sie das Häkchen, wenn die Person einverstanden ist.</translation>
    </message>
    <message>
        <source>{name} is already enrolled. The new photos are added.</source>
        <translation>{name} ist schon eingelernt. Die neuen Fotos kommen hinzu.</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>Permission denied</source>
        <translation>Zugriff verweigert</translation>
    </message>
    <message>
        <source>Device or resource busy</source>
        <translation>schon in Gebrauch</translation>
    </message>
    <message>
        <source>Connection refused</source>
        <translation>Verbindung abgelehnt</translation>
    </message>
    <message>
        <source>Connection reset by peer</source>
        <translation>Verbindung von der Gegenseite beendet</translation>
    </message>
    <message>
        <source>Disk quota exceeded</source>
        <translation>Speicherplatz des Benutzers aufgebraucht</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>die Datei gibt es schon</translation>
    </message>
    <message>
        <source>File too large</source>
        <translation>die Datei ist zu groß</translation>
    </message>
    <message>
        <source>Host is down</source>
        <translation>der Rechner ist ausgeschaltet</translation>
    </message>
    <message>
        <source>No route to host</source>
        <translation>kein Weg zum Rechner</translation>
    </message>
    <message>
        <source>Invalid argument</source>
        <translation>unzulässiger Wert</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Fehler beim Lesen oder Schreiben des Datenträgers</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>es ist ein Ordner</translation>
    </message>
    <message>
        <source>Too many levels of symbolic links</source>
        <translation>zu viele symbolische Links</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>zu viele offene Dateien</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>der Dateiname ist zu lang</translation>
    </message>
    <message>
        <source>Network is unreachable</source>
        <translation>das Netzwerk ist nicht erreichbar</translation>
    </message>
    <message>
        <source>No such device</source>
        <translation>das Gerät gibt es nicht</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Datei oder Ordner nicht gefunden</translation>
    </message>
    <message>
        <source>Cannot allocate memory</source>
        <translation>zu wenig Arbeitsspeicher</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>auf dem Datenträger ist kein Platz mehr</translation>
    </message>
    <message>
        <source>Transport endpoint is not connected</source>
        <translation>die Verbindung zum Netzlaufwerk ist unterbrochen</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>es ist kein Ordner</translation>
    </message>
    <message>
        <source>Directory not empty</source>
        <translation>der Ordner ist nicht leer</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>der Datenträger ist schreibgeschützt</translation>
    </message>
    <message>
        <source>Stale file handle</source>
        <translation>die Datei gibt es auf dem Netzlaufwerk nicht mehr</translation>
    </message>
    <message>
        <source>Connection timed out</source>
        <translation>Zeitüberschreitung der Verbindung</translation>
    </message>
    <message>
        <source>Invalid cross-device link</source>
        <translation>Verschieben zwischen zwei Datenträgern ist nicht möglich</translation>
    </message>
    <message>
        <source>&quot;rgb&quot; or &quot;bgr&quot;</source>
        <translation>&quot;rgb&quot; oder &quot;bgr&quot;</translation>
    </message>
    <message>
        <source>1 photo is not used; move it to {folder}</source>
        <translation>1 Foto wird nicht verwendet; verschieben Sie es nach {folder}</translation>
    </message>
    <message>
        <source>; there are {names}</source>
        <translation>; es gibt {names}</translation>
    </message>
    <message>
        <source>TensorFlow is needed for this and cannot be imported ({error}); install it with `pip install tensorflow`</source>
        <translation>TensorFlow wird dafür gebraucht und lässt sich nicht laden ({error}); installieren Sie es mit `pip install tensorflow`</translation>
    </message>
    <message>
        <source>XLSX files need XlsxWriter, which is not installed: pip install facecam[xlsx], or write a .csv file</source>
        <translation>XLSX-Dateien brauchen XlsxWriter, das nicht installiert ist: pip install facecam[xlsx], oder schreiben Sie eine .csv-Datei</translation>
    </message>
    <message>
        <source>a JPEG of {depth} bits is not supported; save it again with 8 bits per channel</source>
        <translation>ein JPEG mit {depth} Bit wird nicht unterstützt; speichern Sie es noch einmal mit 8 Bit pro Kanal</translation>
    </message>
    <message>
        <source>a box needs a positive size, got {w} x {h}</source>
        <translation>ein Rahmen muss größer als null sein, er ist {w} x {h}</translation>
    </message>
    <message>
        <source>a checksum is wrong</source>
        <translation>eine Prüfsumme stimmt nicht</translation>
    </message>
    <message>
        <source>a distance above 0, up to 2</source>
        <translation>ein Abstand über 0, höchstens 2</translation>
    </message>
    <message>
        <source>a file</source>
        <translation>eine Datei</translation>
    </message>
    <message>
        <source>a head for {count} labels has arrays of shapes {shapes}; teach again</source>
        <translation>die Daten für {count} Bezeichnungen haben die falschen Formen {shapes}; lehren Sie die Gegenstände neu</translation>
    </message>
    <message>
        <source>a line has more than {count} periods</source>
        <translation>eine Zeile hat mehr als {count} Punkte</translation>
    </message>
    <message>
        <source>a log, kept by choice</source>
        <translation>ein Protokoll, auf Wunsch behalten</translation>
    </message>
    <message>
        <source>a newer state of the gallery {folder} is in use; load it again</source>
        <translation>ein neuerer Stand der Galerie {folder} ist in Gebrauch; laden Sie sie noch einmal</translation>
    </message>
    <message>
        <source>a newer version of facecam has encrypted the gallery {gallery}; update facecam to use it</source>
        <translation>eine neuere Version von facecam hat die Galerie {gallery} verschlüsselt; aktualisieren Sie facecam, um sie zu verwenden</translation>
    </message>
    <message>
        <source>a newer version of facecam was interrupted while it changed the gallery {gallery}; open the gallery with that version once, which finishes the change</source>
        <translation>eine neuere Version von facecam wurde unterbrochen, als sie die Galerie {gallery} änderte; öffnen Sie die Galerie einmal mit dieser Version, dann ist die Änderung vollständig</translation>
    </message>
    <message>
        <source>a newer version of facecam wrote {path}: install that version, or {advice}</source>
        <translation>{path} stammt von einer neueren Version von facecam: installieren Sie diese Version, oder: {advice}</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>a person cannot be removed from the head in {folder} ({error}); delete the folder</source>
        <translation>eine Person kann nicht aus dem Netz in {folder} entfernt werden ({error}); löschen Sie den Ordner</translation>
    </message>
    <message>
        <source>a report</source>
        <translation>ein Bericht</translation>
    </message>
    <message>
        <source>a score between 0 and 1</source>
        <translation>ein Wert zwischen 0 und 1</translation>
    </message>
    <message>
        <source>a session has {count} labels; give at most {limit}</source>
        <translation>die Sitzung hat {count} Merkmale; höchstens {limit} sind möglich</translation>
    </message>
    <message>
        <source>a session is writing the log {path}: end it, then try again</source>
        <translation>Eine Sitzung schreibt das Protokoll {path}: Beenden Sie sie und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>a table</source>
        <translation>eine Tabelle</translation>
    </message>
    <message>
        <source>a taught object of this name</source>
        <translation>ein gelehrter Gegenstand dieses Namens</translation>
    </message>
    <message>
        <source>a video cannot be recorded as {name}; use a name that ends in {suffixes}</source>
        <translation>ein Video kann nicht als {name} aufgenommen werden; der Name muss auf eine dieser Endungen enden: {suffixes}</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>allow this program to use cameras</source>
        <translation>erlauben Sie diesem Programm, Kameras zu verwenden</translation>
    </message>
    <message>
        <source>allow this program under System Settings &gt; Privacy &amp; Security &gt; Camera</source>
        <translation>erlauben Sie es diesem Programm unter Systemeinstellungen &gt; Datenschutz &amp; Sicherheit &gt; Kamera</translation>
    </message>
    <message>
        <source>an address without TLS</source>
        <translation>eine Adresse ohne TLS</translation>
    </message>
    <message>
        <source>an aligned face of {size_px} px; expected 16 to 1024</source>
        <translation>ein ausgerichtetes Gesicht mit {size_px} px; erwartet: 16 bis 1024</translation>
    </message>
    <message>
        <source>an alignment needs x and y of {landmarks} landmarks, got {landmarks_xy}</source>
        <translation>eine Ausrichtung braucht x und y von {landmarks} Punkten, angegeben ist {landmarks_xy}</translation>
    </message>
    <message>
        <source>an array of shape {shape} and type {dtype} is not an image; expected (height, width), gray, or (height, width, 1 to 4), BGR, of uint8 or uint16</source>
        <translation>ein Array der Form {shape} vom Typ {dtype} ist kein Bild; erwartet: (Höhe, Breite), Graustufen, oder (Höhe, Breite, 1 bis 4), BGR, als uint8 oder uint16</translation>
    </message>
    <message>
        <source>an encrypted gallery cannot have the link {path}; copy the files instead</source>
        <translation>eine verschlüsselte Galerie kann die Verknüpfung {path} nicht enthalten; kopieren Sie stattdessen die Dateien</translation>
    </message>
    <message>
        <source>an image of {width} x {height} pixels cannot be stored in {path}; try .png</source>
        <translation>ein Bild mit {width} x {height} Pixeln kann nicht als {path} gespeichert werden; versuchen Sie .png</translation>
    </message>
    <message>
        <source>an image of {width} x {height} px cannot be saved as JPEG</source>
        <translation>ein Bild von {width} x {height} px kann nicht als JPEG gespeichert werden</translation>
    </message>
    <message>
        <source>an internal error occurred; please report it with the terminal output</source>
        <translation>ein interner Fehler ist aufgetreten; bitte melden Sie ihn mit der Ausgabe im Terminal</translation>
    </message>
    <message>
        <source>an interrupted change of {gallery} cannot be finished, {path}: {reason}; close other programs that use the folder, then try again</source>
        <translation>eine unterbrochene Änderung von {gallery} kann nicht vollendet werden, {path}: {reason}; schließen Sie andere Programme, die den Ordner benutzen, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>another address</source>
        <translation>eine andere Adresse</translation>
    </message>
    <message>
        <source>another facecam has changed {folder} meanwhile, so nothing was written; teach again</source>
        <translation>ein anderes facecam hat {folder} inzwischen geändert, daher wurde nichts geschrieben; lehren Sie noch einmal</translation>
    </message>
    <message>
        <source>another file in a folder of logs: change or delete it yourself</source>
        <translation>eine andere Datei in einem Ordner mit Protokollen: Ändern oder löschen Sie sie selbst</translation>
    </message>
    <message>
        <source>another host</source>
        <translation>einen anderen Rechner</translation>
    </message>
    <message>
        <source>another network compares faces now; start the enrollment again</source>
        <translation>inzwischen vergleicht ein anderes Netz die Gesichter; beginnen Sie das Einlernen noch einmal</translation>
    </message>
    <message>
        <source>another person is called {name} here, with another id: rename one of the two, then import again</source>
        <translation>hier heißt eine andere Person {name}, mit anderer Kennung: Benennen Sie eine der beiden um, und importieren Sie dann noch einmal</translation>
    </message>
    <message>
        <source>another person is called {name} here: rename one of the two, then import again</source>
        <translation>hier heißt eine andere Person {name}: Benennen Sie eine der beiden um, und importieren Sie dann noch einmal</translation>
    </message>
    <message>
        <source>another person is called {name} now: rename that person, then undo again</source>
        <translation>inzwischen heißt eine andere Person {name}: Benennen Sie sie um, und machen Sie die Änderung dann rückgängig</translation>
    </message>
    <message>
        <source>another program is changing the gallery {gallery}; wait until it has finished, then try again</source>
        <translation>ein anderes Programm ändert gerade die Galerie {gallery}; warten Sie, bis es fertig ist, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>another recording writes it</source>
        <translation>eine andere Aufnahme schreibt sie</translation>
    </message>
    <message>
        <source>another version of facecam calibrated {path}: {advice}</source>
        <translation>{path} wurde mit einer anderen Version von facecam kalibriert: {advice}</translation>
    </message>
    <message>
        <source>bins of {every} have no fixed length; with align, use one like 10s, 5min, 1h or 1D</source>
        <translation>Abschnitte von {every} haben keine feste Länge; verwenden Sie mit align eine wie 10s, 5min, 1h oder 1D</translation>
    </message>
    <message>
        <source>camera {number}</source>
        <translation>Kamera {number}</translation>
    </message>
    <message>
        <source>check the cable and the power</source>
        <translation>prüfen Sie Kabel und Stromversorgung</translation>
    </message>
    <message>
        <source>check the folder and its disk</source>
        <translation>prüfen Sie den Ordner und seinen Datenträger</translation>
    </message>
    <message>
        <source>check the path and its permissions</source>
        <translation>prüfen Sie den Pfad und seine Zugriffsrechte</translation>
    </message>
    <message>
        <source>choose images after all poses are done or skipped</source>
        <translation>wählen Sie Bilder aus, wenn alle Posen aufgenommen oder übersprungen sind</translation>
    </message>
    <message>
        <source>copy the folder again, or train the network again</source>
        <translation>kopieren Sie den Ordner noch einmal, oder trainieren Sie das Netz noch einmal</translation>
    </message>
    <message>
        <source>created is {value!r}, expected a date with time</source>
        <translation>created ist {value!r}, erwartet wird ein Datum mit Uhrzeit</translation>
    </message>
    <message>
        <source>demo image {name} does not exist; choose one of {names}, or reinstall facecam</source>
        <translation>das Demobild {name} gibt es nicht; wählen Sie {names}, oder installieren Sie facecam neu</translation>
    </message>
    <message>
        <source>events cannot be sent to this address; name a file, unix:PATH for a Unix socket, or - for stdout</source>
        <translation>an diese Adresse können keine Ereignisse gesendet werden; nennen Sie eine Datei, unix:PFAD für einen Unix-Socket oder - für stdout</translation>
    </message>
    <message>
        <source>every is {every}, expected 1 (each frame) or more</source>
        <translation>every ist {every}, erwartet: 1 (jedes Bild) oder mehr</translation>
    </message>
    <message>
        <source>explanations stopped: {reason}; switch them off and on again</source>
        <translation>die Erklärungen sind ausgefallen: {reason}; schalten Sie sie aus und wieder ein</translation>
    </message>
    <message>
        <source>faces cannot be corrected in object mode; switch to faces first</source>
        <translation>Gesichter lassen sich nicht korrigieren, solange Gegenstände erkannt werden; wechseln Sie zuerst zu Gesichtern</translation>
    </message>
    <message>
        <source>fast or package</source>
        <translation>fast oder package</translation>
    </message>
    <message>
        <source>feature maps need the graph of a shipped network, not {name}; choose another --network</source>
        <translation>Merkmalskarten gibt es nur für mitgelieferte Netze, nicht für {name}; wählen Sie ein anderes Netz</translation>
    </message>
    <message>
        <source>five pairs of numbers</source>
        <translation>fünf Zahlenpaare</translation>
    </message>
    <message>
        <source>frame {index} of {source} is {shape} {dtype}, expected (height, width, 3) uint8</source>
        <translation>Bild {index} von {source} ist {shape} {dtype}, erwartet: (Höhe, Breite, 3) uint8</translation>
    </message>
    <message>
        <source>gallery.dir is {value!r}, expected the path of a folder as text</source>
        <translation>gallery.dir ist {value!r}, erwartet: der Pfad eines Ordners als Text</translation>
    </message>
    <message>
        <source>input of {size_px} px and {channels} channels; expected 4 to 1024 px, 1 or 3</source>
        <translation>Eingabe mit {size_px} px und {channels} Kanälen; erwartet: 4 bis 1024 px, 1 oder 3</translation>
    </message>
    <message>
        <source>internal error ({error})</source>
        <translation>interner Fehler ({error})</translation>
    </message>
    <message>
        <source>internal error ({kind}: {error}); please report this</source>
        <translation>interner Fehler ({kind}: {error}); bitte melden Sie ihn</translation>
    </message>
    <message>
        <source>internal error during recognition ({kind}: {error}); please report this</source>
        <translation>interner Fehler bei der Erkennung ({kind}: {error}); bitte melden Sie ihn</translation>
    </message>
    <message>
        <source>it belongs to another user</source>
        <translation>es gehört einem anderen Benutzer</translation>
    </message>
    <message>
        <source>it cannot be reached; check the address and the network</source>
        <translation>sie ist nicht erreichbar; prüfen Sie die Adresse und das Netzwerk</translation>
    </message>
    <message>
        <source>it cannot be read: {reason}</source>
        <translation>nicht lesbar: {reason}</translation>
    </message>
    <message>
        <source>it cannot be used ({error}): the folder&apos;s name is the person&apos;s</source>
        <translation>nicht verwendbar ({error}): Die Person heißt wie der Ordner</translation>
    </message>
    <message>
        <source>it does not answer; check the address, and that the camera is on</source>
        <translation>sie antwortet nicht; prüfen Sie die Adresse, und ob die Kamera eingeschaltet ist</translation>
    </message>
    <message>
        <source>it has a NUL byte</source>
        <translation>sie enthält ein NUL-Byte</translation>
    </message>
    <message>
        <source>it has another format</source>
        <translation>sie hat ein anderes Format</translation>
    </message>
    <message>
        <source>it has changed or was moved, or another program, user or computer has written it</source>
        <translation>es wurde geändert oder verschoben, oder ein anderes Programm, ein anderer Benutzer oder Computer hat es geschrieben</translation>
    </message>
    <message>
        <source>it has more data than pixels</source>
        <translation>sie enthält mehr Daten, als das Bild hat</translation>
    </message>
    <message>
        <source>it has more than {limit}</source>
        <translation>sie hat mehr als {limit}</translation>
    </message>
    <message>
        <source>it has more than {limit} KB</source>
        <translation>sie hat mehr als {limit} KB</translation>
    </message>
    <message>
        <source>it has no pixels; copy it again from the original</source>
        <translation>es hat keine Pixel; kopieren Sie es noch einmal vom Original</translation>
    </message>
    <message>
        <source>it has two headers</source>
        <translation>die Datei hat zwei Dateiköpfe</translation>
    </message>
    <message>
        <source>it has {count} cells, expected {expected}</source>
        <translation>sie hat {count} Zellen, erwartet werden {expected}</translation>
    </message>
    <message>
        <source>it has {millions:.0f} million pixels, and a {kind} of this kind can have {most_millions:.0f} million; reduce its size</source>
        <translation>es hat {millions:.0f} Millionen Pixel, möglich sind bei {kind} dieser Art {most_millions:.0f} Millionen; verkleinern Sie es</translation>
    </message>
    <message>
        <source>it has {scans} scans; save it again as JPEG or PNG</source>
        <translation>es hat {scans} Durchgänge; speichern Sie es noch einmal als JPEG oder PNG</translation>
    </message>
    <message>
        <source>it is a device, not a file</source>
        <translation>es ist ein Gerät, keine Datei</translation>
    </message>
    <message>
        <source>it is a folder</source>
        <translation>es ist ein Ordner</translation>
    </message>
    <message>
        <source>it is a link</source>
        <translation>es ist eine Verknüpfung</translation>
    </message>
    <message>
        <source>it is a link; delete it and the embeddings in its folder yourself</source>
        <translation>es ist eine Verknüpfung; löschen Sie sie und die Embeddings in ihrem Ordner selbst</translation>
    </message>
    <message>
        <source>it is a pipe, not a file</source>
        <translation>es ist eine Pipe, keine Datei</translation>
    </message>
    <message>
        <source>it is a socket, not a file</source>
        <translation>es ist ein Socket, keine Datei</translation>
    </message>
    <message>
        <source>it is damaged; copy it again from the original, or save it again as JPEG or PNG</source>
        <translation>es ist beschädigt; kopieren Sie es noch einmal vom Original, oder speichern Sie es noch einmal als JPEG oder PNG</translation>
    </message>
    <message>
        <source>it is damaged; delete it</source>
        <translation>es ist beschädigt; löschen Sie es</translation>
    </message>
    <message>
        <source>it is in none of the formats {formats} and PNM; save it again as JPEG or PNG</source>
        <translation>es hat keines der Formate {formats} und PNM; speichern Sie es noch einmal als JPEG oder PNG</translation>
    </message>
    <message>
        <source>it is larger than expected</source>
        <translation>es ist größer als erwartet</translation>
    </message>
    <message>
        <source>it rejects the user and password; check both</source>
        <translation>sie lehnt Benutzer und Passwort ab; prüfen Sie beide</translation>
    </message>
    <message>
        <source>it sent more than {size} MB without an image; check the address</source>
        <translation>sie hat mehr als {size} MB ohne ein Bild gesendet; prüfen Sie die Adresse</translation>
    </message>
    <message>
        <source>it was deleted</source>
        <translation>sie wurde gelöscht</translation>
    </message>
    <message>
        <source>its answer is not a video; check the address</source>
        <translation>ihre Antwort ist kein Video; prüfen Sie die Adresse</translation>
    </message>
    <message>
        <source>its certificate is not trusted, or it does not use TLS; try the address without the s</source>
        <translation>ihrem Zertifikat wird nicht vertraut, oder sie verwendet kein TLS; versuchen Sie die Adresse ohne das s</translation>
    </message>
    <message>
        <source>its drive is not connected</source>
        <translation>sein Laufwerk ist nicht verbunden</translation>
    </message>
    <message>
        <source>its first part is not an image</source>
        <translation>ihr erster Teil ist kein Bild</translation>
    </message>
    <message>
        <source>its largest value is {value}</source>
        <translation>der größte Wert ist {value}</translation>
    </message>
    <message>
        <source>its parts overlap</source>
        <translation>ihre Teile überlappen sich</translation>
    </message>
    <message>
        <source>its pixels are {millions:.0f} million, more than its header states</source>
        <translation>sie hat {millions:.0f} Millionen Bildpunkte, mehr als der Dateikopf angibt</translation>
    </message>
    <message>
        <source>its quotes or letters are damaged</source>
        <translation>Anführungszeichen oder Buchstaben sind beschädigt</translation>
    </message>
    <message>
        <source>its tiles are larger than the image</source>
        <translation>die Kacheln sind größer als das Bild</translation>
    </message>
    <message>
        <source>landmarks_xy is {shape}, expected (5, 2)</source>
        <translation>landmarks_xy ist {shape}, erwartet: (5, 2)</translation>
    </message>
    <message>
        <source>margin_l2 is {margin_l2} and unsure_band_l2 {unsure_band_l2}; choose distances from 0 to 2</source>
        <translation>margin_l2 ist {margin_l2} und unsure_band_l2 {unsure_band_l2}; wählen Sie Abstände von 0 bis 2</translation>
    </message>
    <message>
        <source>more than {count} settings are wrong:</source>
        <translation>mehr als {count} Einstellungen sind falsch:</translation>
    </message>
    <message>
        <source>name the images in it</source>
        <translation>nennen Sie die Bilder darin</translation>
    </message>
    <message>
        <source>network {name} belongs to another thread; open one per thread</source>
        <translation>das Netz {name} gehört zu einem anderen Thread; öffnen Sie eines pro Thread</translation>
    </message>
    <message>
        <source>network {name} cannot take a batch of shape {shape}: {error}</source>
        <translation>das Netz {name} nimmt keine Eingabe der Form {shape}: {error}</translation>
    </message>
    <message>
        <source>no complete image arrived for {seconds:g} s; check the camera and the network</source>
        <translation>seit {seconds:g} s kam kein vollständiges Bild an; prüfen Sie die Kamera und das Netzwerk</translation>
    </message>
    <message>
        <source>no consent of {name} is recorded, so it cannot be withdrawn</source>
        <translation>von {name} ist keine Einwilligung vermerkt, also lässt sich keine widerrufen</translation>
    </message>
    <message>
        <source>no enrollment is running; start a new one</source>
        <translation>es wird gerade niemand eingelernt; beginnen Sie neu</translation>
    </message>
    <message>
        <source>no face found in the demo&apos;s portrait; set [detect] back to its defaults</source>
        <translation>im Porträt der Vorführung wurde kein Gesicht gefunden; setzen Sie [detect] auf die Vorgaben zurück</translation>
    </message>
    <message>
        <source>no log has a column {column}; `facecam log schema` lists the columns</source>
        <translation>kein Protokoll hat eine Spalte {column}; `facecam log schema` nennt die Spalten</translation>
    </message>
    <message>
        <source>no log was found below {path}; `facecam run --log {path}` writes one there</source>
        <translation>unter {path} wurde kein Protokoll gefunden; `facecam run --log {path}` schreibt dort eines</translation>
    </message>
    <message>
        <source>no photo is directly in {folders}; choose the folder that contains the photos</source>
        <translation>direkt in {folders} liegt kein Foto; wählen Sie den Ordner, in dem die Fotos liegen</translation>
    </message>
    <message>
        <source>no photo is quarantined in {gallery}</source>
        <translation>in {gallery} liegt kein Foto in Quarantäne</translation>
    </message>
    <message>
        <source>no session has a label {label}; set one with `run --label`</source>
        <translation>keine Sitzung hat ein Merkmal {label}; vergeben Sie eines mit `run --label`</translation>
    </message>
    <message>
        <source>no session has a label {name}; labels of this log: none</source>
        <translation>keine Sitzung hat ein Merkmal {name}; Merkmale dieses Protokolls: keine</translation>
    </message>
    <message>
        <source>no session has a label {name}; labels of this log: {listed}</source>
        <translation>keine Sitzung hat ein Merkmal {name}; Merkmale dieses Protokolls: {listed}</translation>
    </message>
    <message>
        <source>no session has a marker {begin!r}; markers of this log: none</source>
        <translation>keine Sitzung hat eine Zeitmarke {begin!r}; Zeitmarken dieses Protokolls: keine</translation>
    </message>
    <message>
        <source>no session has a marker {begin!r}; markers of this log: {found}</source>
        <translation>keine Sitzung hat eine Zeitmarke {begin!r}; Zeitmarken dieses Protokolls: {found}</translation>
    </message>
    <message>
        <source>no session has the labels {labels}</source>
        <translation>keine Sitzung hat die Merkmale {labels}</translation>
    </message>
    <message>
        <source>no session is running with logs in {folder}; start one with `facecam run --log {folder}`, or give the folder of the running one with --log</source>
        <translation>keine laufende Sitzung schreibt ihr Protokoll in {folder}; starten Sie eine mit `facecam run --log {folder}`, oder nennen Sie den Ordner der laufenden mit --log</translation>
    </message>
    <message>
        <source>none of the photos could be read; nothing was taught</source>
        <translation>keines der Fotos war lesbar; es wurde nichts gelernt</translation>
    </message>
    <message>
        <source>none of the {count} images in {source} can be read; save them again as JPEG or PNG</source>
        <translation>keines der {count} Bilder in {source} ist lesbar; speichern Sie sie noch einmal als JPEG oder PNG</translation>
    </message>
    <message>
        <source>nothing is recorded</source>
        <translation>es wird nichts aufgenommen</translation>
    </message>
    <message>
        <source>nothing reads it</source>
        <translation>niemand liest sie</translation>
    </message>
    <message>
        <source>nothing was enrolled for {name}: {refused}; {advice}</source>
        <translation>für {name} wurde nichts eingelernt: {refused}; {advice}</translation>
    </message>
    <message>
        <source>nothing was forgotten in {folder}, so nothing can be restored</source>
        <translation>in {folder} wurde nichts vergessen, daher lässt sich nichts wiederherstellen</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>einer dieser Werte: {names}</translation>
    </message>
    <message>
        <source>only the prompted pose can be skipped, and not the center</source>
        <translation>nur die gerade verlangte Pose lässt sich überspringen, geradeaus aber nicht</translation>
    </message>
    <message>
        <source>other users can change it</source>
        <translation>andere Benutzer können es ändern</translation>
    </message>
    <message>
        <source>other users can read it</source>
        <translation>andere Benutzer können es lesen</translation>
    </message>
    <message>
        <source>people can be enrolled only while faces are recognized; switch to faces first</source>
        <translation>Personen lassen sich nur einlernen, solange Gesichter erkannt werden; wechseln Sie zuerst zu Gesichtern</translation>
    </message>
    <message>
        <source>person_id is {value!r}, expected 32 hexadecimal digits</source>
        <translation>person_id ist {value!r}, erwartet werden 32 hexadezimale Ziffern</translation>
    </message>
    <message>
        <source>person_id, name or created is missing or invalid: {error}</source>
        <translation>person_id, name oder created fehlt oder ist ungültig: {error}</translation>
    </message>
    <message>
        <source>pixels are missing</source>
        <translation>es fehlen Pixel</translation>
    </message>
    <message>
        <source>reduce its size</source>
        <translation>verkleinern Sie sie</translation>
    </message>
    <message>
        <source>restore it from the repository&apos;s models folder, or reinstall facecam</source>
        <translation>stellen Sie es aus dem Ordner models des Repositorys wieder her, oder installieren Sie facecam neu</translation>
    </message>
    <message>
        <source>run `facecam calibrate --people DIR --network {network} --overwrite`</source>
        <translation>führen Sie `facecam calibrate --people DIR --network {network} --overwrite` aus</translation>
    </message>
    <message>
        <source>run this as the user who runs them</source>
        <translation>führen Sie dies als der Benutzer aus, dem sie gehören</translation>
    </message>
    <message>
        <source>run {command} again</source>
        <translation>führen Sie {command} noch einmal aus</translation>
    </message>
    <message>
        <source>scaling {scaling!r} with a margin of {margin}; expected one of {scalings}</source>
        <translation>Skalierung {scaling!r} mit einem Rand von {margin}; erwartet: einer von {scalings}</translation>
    </message>
    <message>
        <source>session_{name} is a column of every log; choose another name than {name} for the label</source>
        <translation>session_{name} ist eine Spalte jedes Protokolls; geben Sie dem Merkmal einen anderen Namen als {name}</translation>
    </message>
    <message>
        <source>shows another person than the other photo of {name}, such as {photo} ({distance:.2f} apart, one person at most {limit:.2f})</source>
        <translation>zeigt eine andere Person als das andere Foto von {name}, {photo} (Abstand {distance:.2f}, bei einer Person höchstens {limit:.2f})</translation>
    </message>
    <message>
        <source>shows another person than the other {count} photos of {name}, such as {photo} ({distance:.2f} apart, one person at most {limit:.2f})</source>
        <translation>zeigt eine andere Person als die anderen {count} Fotos von {name}, zum Beispiel {photo} (Abstand {distance:.2f}, bei einer Person höchstens {limit:.2f})</translation>
    </message>
    <message>
        <source>start at login could not be changed: {reason}</source>
        <translation>Der Start bei der Anmeldung konnte nicht geändert werden: {reason}</translation>
    </message>
    <message>
        <source>teaching failed because of an internal error; please report it</source>
        <translation>das Lehren ist an einem internen Fehler gescheitert; bitte melden Sie ihn</translation>
    </message>
    <message>
        <source>teaching is in progress; wait for its end, or cancel it</source>
        <translation>es wird gerade gelehrt; warten Sie das Ende ab, oder brechen Sie ab</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>the byte order is missing</source>
        <translation>die Byte-Reihenfolge fehlt</translation>
    </message>
    <message>
        <source>the cache says {stored}, the networks {computed}</source>
        <translation>im Cache steht {stored}, die Netze ergeben {computed}</translation>
    </message>
    <message>
        <source>the cached embedding is {distance:.3f} away from the computed one</source>
        <translation>das Embedding im Cache ist {distance:.3f} vom berechneten entfernt</translation>
    </message>
    <message>
        <source>the camera delivered no image for {seconds:.0f} s; nothing was taught</source>
        <translation>die Kamera hat {seconds:.0f} s lang kein Bild geliefert; es wurde nichts gelernt</translation>
    </message>
    <message>
        <source>the compiled network {name} is</source>
        <translation>das übersetzte Netz {name}:</translation>
    </message>
    <message>
        <source>the configuration file {path} does not exist</source>
        <translation>die Konfigurationsdatei {path} gibt es nicht</translation>
    </message>
    <message>
        <source>the connection is refused; check the port, and that the camera is on</source>
        <translation>die Verbindung wird abgelehnt; prüfen Sie den Port, und ob die Kamera eingeschaltet ist</translation>
    </message>
    <message>
        <source>the consent is empty; write what {name} agreed to</source>
        <translation>die Einwilligung ist leer; schreiben Sie, womit {name} einverstanden ist</translation>
    </message>
    <message>
        <source>the consent of {name} was changed meanwhile and stays as it is</source>
        <translation>die Einwilligung von {name} wurde inzwischen geändert und bleibt, wie sie ist</translation>
    </message>
    <message>
        <source>the consent of {name} was changed meanwhile: look at the new record, then try again</source>
        <translation>die Einwilligung von {name} wurde inzwischen geändert: sehen Sie sich den neuen Eintrag an, dann versuchen Sie es noch einmal</translation>
    </message>
    <message>
        <source>the description of the embedding network {name} cannot be used: {error}</source>
        <translation>die Beschreibung des Gesichtsnetzes {name} ist nicht verwendbar: {error}</translation>
    </message>
    <message>
        <source>the disk of {path} is full, so {outcome}; free space and start another recording</source>
        <translation>der Datenträger von {path} ist voll: {outcome}; schaffen Sie Platz, und beginnen Sie eine neue Aufnahme</translation>
    </message>
    <message>
        <source>the disk of {path} is nearly full ({free} MB free), so {outcome}; free space and start another recording</source>
        <translation>der Datenträger von {path} ist fast voll ({free} MB frei): {outcome}; schaffen Sie Platz, und beginnen Sie eine neue Aufnahme</translation>
    </message>
    <message>
        <source>the encrypted file belongs to another place in the gallery; restore it from a backup</source>
        <translation>die verschlüsselte Datei gehört an eine andere Stelle der Galerie; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the encrypted file is an older version, or was removed before; restore the present one from a backup</source>
        <translation>die verschlüsselte Datei ist eine ältere Fassung oder wurde zuvor entfernt; stellen Sie die jetzige aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the encrypted file is cut off; restore it from a backup</source>
        <translation>die verschlüsselte Datei ist abgeschnitten; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the encrypted file is missing; restore it from a backup</source>
        <translation>die verschlüsselte Datei fehlt; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the encrypted file was changed or damaged; restore it from a backup</source>
        <translation>die verschlüsselte Datei wurde geändert oder beschädigt; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the enrolled photos of {name} ({count})</source>
        <translation>die eingelernten Fotos von {name} ({count})</translation>
    </message>
    <message>
        <source>the explaining process has ended</source>
        <translation>der Prozess für die Erklärungen ist beendet</translation>
    </message>
    <message>
        <source>the explaining process has ended ({error})</source>
        <translation>der Prozess für die Erklärungen ist beendet ({error})</translation>
    </message>
    <message>
        <source>the explanation worker has stopped</source>
        <translation>die Erklärungen wurden angehalten</translation>
    </message>
    <message>
        <source>the face has {size:.0f} px, {limit:.0f} are needed</source>
        <translation>das Gesicht hat {size:.0f} px, nötig sind {limit:.0f}</translation>
    </message>
    <message>
        <source>the file is encrypted, but .encryption.toml of its gallery is missing or damaged; restore it from a backup</source>
        <translation>die Datei ist verschlüsselt, aber .encryption.toml ihrer Galerie fehlt oder ist beschädigt; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the file is encrypted; enter the passphrase of its gallery</source>
        <translation>die Datei ist verschlüsselt; geben Sie die Passphrase ihrer Galerie ein</translation>
    </message>
    <message>
        <source>the file is incomplete</source>
        <translation>die Datei ist unvollständig</translation>
    </message>
    <message>
        <source>the file is not encrypted, so facecam has not written it; add photos with facecam</source>
        <translation>die Datei ist nicht verschlüsselt, also hat facecam sie nicht geschrieben; fügen Sie Fotos mit facecam hinzu</translation>
    </message>
    <message>
        <source>the file or folder {path} does not exist or cannot be accessed; check the path</source>
        <translation>die Datei oder den Ordner {path} gibt es nicht, oder der Zugriff ist nicht möglich; prüfen Sie den Pfad</translation>
    </message>
    <message>
        <source>the files of {name} were not kept, so the removal cannot be undone</source>
        <translation>die Dateien von {name} wurden nicht aufgehoben, daher lässt sich das Entfernen nicht rückgängig machen</translation>
    </message>
    <message>
        <source>the folder {folder} cannot be created: {error}; check {parent}</source>
        <translation>der Ordner {folder} kann nicht angelegt werden: {error}; prüfen Sie {parent}</translation>
    </message>
    <message>
        <source>the folder {folder} cannot be read: {error}; check its permissions</source>
        <translation>der Ordner {folder} ist nicht lesbar: {error}; prüfen Sie seine Zugriffsrechte</translation>
    </message>
    <message>
        <source>the folder {folder} cannot be read: {reason}; nothing was taught</source>
        <translation>der Ordner {folder} ist nicht lesbar: {reason}; es wurde nichts gelernt</translation>
    </message>
    <message>
        <source>the folder {folder} cannot be written: {error}; name another one</source>
        <translation>in den Ordner {folder} kann nicht geschrieben werden: {error}; nennen Sie einen anderen</translation>
    </message>
    <message>
        <source>the folder {path} contains no image; expected files that end in {names}</source>
        <translation>der Ordner {path} enthält kein Bild; erwartet werden Dateien mit den Endungen {names}</translation>
    </message>
    <message>
        <source>the gallery cannot be exported to {target}: {reason}; free space or choose another place</source>
        <translation>die Galerie kann nicht nach {target} exportiert werden: {reason}; schaffen Sie Platz, oder wählen Sie einen anderen Ort</translation>
    </message>
    <message>
        <source>the gallery was not read: {reason}</source>
        <translation>die Galerie wurde nicht gelesen: {reason}</translation>
    </message>
    <message>
        <source>the gallery was not reloaded: {reason}</source>
        <translation>die Galerie wurde nicht neu geladen: {reason}</translation>
    </message>
    <message>
        <source>the gallery {folder} cannot be read: {error}; check the folder</source>
        <translation>die Galerie {folder} ist nicht lesbar: {error}; prüfen Sie den Ordner</translation>
    </message>
    <message>
        <source>the gallery {folder} is not available ({problem}); reconnect its drive and try again</source>
        <translation>die Galerie {folder} ist nicht verfügbar ({problem}); schließen Sie das Laufwerk wieder an und versuchen Sie es noch einmal</translation>
    </message>
    <message>
        <source>the gallery {folder} is not available ({problem}); the people loaded from it are still recognized. Reconnect its drive or restore the folder; an empty folder forgets everyone</source>
        <translation>die Galerie {folder} ist nicht verfügbar ({problem}); die daraus geladenen Personen werden weiterhin erkannt. Verbinden Sie ihr Laufwerk wieder, oder stellen Sie den Ordner wieder her; ein leerer Ordner vergisst alle</translation>
    </message>
    <message>
        <source>the gallery {folder} was embedded by another network; load it again</source>
        <translation>die Galerie {folder} gehört zu einem anderen Netz; laden Sie sie noch einmal</translation>
    </message>
    <message>
        <source>the gallery {folder} was encrypted; the people loaded from it are still recognized, and changes need its passphrase</source>
        <translation>die Galerie {folder} wurde verschlüsselt; die daraus geladenen Personen werden weiter erkannt, und Änderungen brauchen ihre Passphrase</translation>
    </message>
    <message>
        <source>the gallery {gallery} cannot be created: {reason}</source>
        <translation>die Galerie {gallery} kann nicht angelegt werden: {reason}</translation>
    </message>
    <message>
        <source>the gallery {gallery} cannot be read: {reason}; choose another with --gallery</source>
        <translation>die Galerie {gallery} kann nicht gelesen werden: {reason}; wählen Sie mit --gallery eine andere</translation>
    </message>
    <message>
        <source>the gallery {gallery} does not exist now: make it available, then try again</source>
        <translation>die Galerie {gallery} ist gerade nicht vorhanden: Machen Sie sie verfügbar, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>the gallery {gallery} does not exist; enroll someone first</source>
        <translation>die Galerie {gallery} existiert nicht; nehmen Sie zuerst jemanden auf</translation>
    </message>
    <message>
        <source>the gallery {gallery} has no enrolled people to export</source>
        <translation>in der Galerie {gallery} ist niemand eingelernt, daher gibt es nichts zu exportieren</translation>
    </message>
    <message>
        <source>the gallery {gallery} is encrypted already</source>
        <translation>die Galerie {gallery} ist schon verschlüsselt</translation>
    </message>
    <message>
        <source>the gallery {gallery} is encrypted and locked; enter its passphrase, or name a file with it by --passphrase-file</source>
        <translation>die Galerie {gallery} ist verschlüsselt und gesperrt; geben Sie ihre Passphrase ein, oder nennen Sie mit --passphrase-file eine Datei mit ihr</translation>
    </message>
    <message>
        <source>the gallery {gallery} is not encrypted</source>
        <translation>die Galerie {gallery} ist nicht verschlüsselt</translation>
    </message>
    <message>
        <source>the gallery {gallery} stays as it was, because {path} cannot be used: {reason}</source>
        <translation>die Galerie {gallery} bleibt, wie sie war, weil {path} nicht verwendet werden kann: {reason}</translation>
    </message>
    <message>
        <source>the gallery {gallery} was encrypted after this change, which is not possible any more</source>
        <translation>die Galerie {gallery} wurde nach dieser Änderung verschlüsselt, die nicht mehr möglich ist</translation>
    </message>
    <message>
        <source>the header has no size</source>
        <translation>die Größe fehlt im Dateikopf</translation>
    </message>
    <message>
        <source>the header is incomplete</source>
        <translation>der Dateikopf ist unvollständig</translation>
    </message>
    <message>
        <source>the header is missing</source>
        <translation>der Dateikopf fehlt</translation>
    </message>
    <message>
        <source>the host name cannot be resolved; check the spelling and the network</source>
        <translation>der Rechnername ist unbekannt; prüfen Sie die Schreibweise und das Netzwerk</translation>
    </message>
    <message>
        <source>the image is missing</source>
        <translation>das Bild fehlt</translation>
    </message>
    <message>
        <source>the image of {width} x {height} pixels could not be analyzed ({error}); save it again or reduce it</source>
        <translation>das Bild mit {width} x {height} Pixeln ließ sich nicht auswerten ({error}); speichern Sie es noch einmal, oder verkleinern Sie es</translation>
    </message>
    <message>
        <source>the list of Keras&apos;s networks cannot be read: {path} ({error}); reinstall facecam</source>
        <translation>die Liste der Netze von Keras ist nicht lesbar: {path} ({error}); installieren Sie facecam neu</translation>
    </message>
    <message>
        <source>the list of models cannot be read: {path} ({error}); {advice}</source>
        <translation>das Verzeichnis der Modelle ist nicht lesbar: {path} ({error}); {advice}</translation>
    </message>
    <message>
        <source>the list of models is missing: {path}; {advice}</source>
        <translation>das Verzeichnis der Modelle fehlt: {path}; {advice}</translation>
    </message>
    <message>
        <source>the list of the files of the encrypted gallery, {path}, is missing or damaged ({reason}), so swapped files would not be noticed; restore it from a backup</source>
        <translation>die Dateiliste der verschlüsselten Galerie, {path}, fehlt oder ist beschädigt ({reason}), sodass vertauschte Dateien nicht auffielen; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the log {path} cannot be changed: {error}; correct that, then try again</source>
        <translation>Das Protokoll {path} kann nicht geändert werden: {error}; beheben Sie das und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>the log {path} cannot be read: {reason}; check the path and its permissions</source>
        <translation>das Protokoll {path} kann nicht gelesen werden: {reason}; prüfen Sie den Pfad und die Zugriffsrechte</translation>
    </message>
    <message>
        <source>the log {path} cannot be started ({reason}); choose another folder with --log, or --no-log</source>
        <translation>das Protokoll {path} kann nicht begonnen werden ({reason}); wählen Sie mit --log einen anderen Ordner, oder --no-log</translation>
    </message>
    <message>
        <source>the log {path} cannot be written ({reason}): {waiting} rows wait in memory and {lost} are lost; free space on its disk to continue</source>
        <translation>das Protokoll {path} kann nicht geschrieben werden ({reason}), wartende Zeilen: {waiting}, verlorene: {lost}; schaffen Sie Platz auf dem Datenträger</translation>
    </message>
    <message>
        <source>the log {path} cannot be written ({reason}): {waiting} rows wait in memory; free space on its disk to continue</source>
        <translation>das Protokoll {path} kann nicht geschrieben werden ({reason}), wartende Zeilen: {waiting}; schaffen Sie Platz auf dem Datenträger</translation>
    </message>
    <message>
        <source>the log {path} has {count} columns, more than the {limit} that facecam reads; use the original file</source>
        <translation>das Protokoll {path} hat {count} Spalten, mehr als die {limit}, die facecam liest; verwenden Sie die Originaldatei</translation>
    </message>
    <message>
        <source>the log {path} is damaged: it has the column {column!r} twice; use the original file</source>
        <translation>das Protokoll {path} ist beschädigt: Es hat die Spalte {column!r} zweimal; verwenden Sie die Originaldatei</translation>
    </message>
    <message>
        <source>the log {path} is damaged: {error}; fix or remove the line and read it again</source>
        <translation>das Protokoll {path} ist beschädigt: {error}; berichtigen oder entfernen Sie die Zeile, und lesen Sie es noch einmal</translation>
    </message>
    <message>
        <source>the log {path} lacks {count} rows that could not be written</source>
        <translation>im Protokoll {path} fehlen Zeilen, die nicht geschrieben werden konnten: {count}</translation>
    </message>
    <message>
        <source>the logs have no rows, so there is nothing to export; give the log of another session</source>
        <translation>die Protokolle haben keine Zeilen, also gibt es nichts zu exportieren; nennen Sie das Protokoll einer anderen Sitzung</translation>
    </message>
    <message>
        <source>the marker has no text; write what happens, such as `facecam mark begin`</source>
        <translation>die Zeitmarke hat keinen Text; schreiben Sie, was geschieht, zum Beispiel Anfang</translation>
    </message>
    <message>
        <source>the marker&apos;s text has line breaks or control characters; write one line</source>
        <translation>der Text der Zeitmarke hat Zeilenumbrüche oder Steuerzeichen; schreiben Sie eine Zeile</translation>
    </message>
    <message>
        <source>the marker&apos;s text has {count} characters; write at most {limit}</source>
        <translation>der Text der Zeitmarke hat {count} Zeichen; schreiben Sie höchstens {limit}</translation>
    </message>
    <message>
        <source>the mean of the photos of {name} is {distance:.2f} from {photo} of {other}, match threshold {threshold:.2f}</source>
        <translation>das Mittel der Fotos von {name} hat den Abstand {distance:.2f} zu {photo} von {other}, Schwelle {threshold:.2f}</translation>
    </message>
    <message>
        <source>the name {name!r}... has {count} characters; use at most {limit}</source>
        <translation>der Name {name!r}… hat {count} Zeichen; höchstens {limit} sind möglich</translation>
    </message>
    <message>
        <source>the network has no label {name!r}{hint}; `facecam classify IMAGE` prints labels</source>
        <translation>das Netz kennt die Bezeichnung {name!r} nicht{hint}; `facecam classify BILD` zeigt Bezeichnungen</translation>
    </message>
    <message>
        <source>the network {name} cannot be stored: {folder} ({error})</source>
        <translation>das Netz {name} kann nicht gespeichert werden: {folder} ({error})</translation>
    </message>
    <message>
        <source>the network {name} returned zeros or NaN for a face; choose another image or network</source>
        <translation>das Netz {name} lieferte für ein Gesicht Nullen oder NaN; wählen Sie ein anderes Bild oder Netz</translation>
    </message>
    <message>
        <source>the network {name} was replaced while it was in use; choose it again</source>
        <translation>das Netz {name} wurde im laufenden Betrieb ersetzt; wählen Sie es noch einmal</translation>
    </message>
    <message>
        <source>the network {network} cannot be read: {error}</source>
        <translation>das Netz {network} ist nicht lesbar: {error}</translation>
    </message>
    <message>
        <source>the network {network} does not exist</source>
        <translation>das Netz {network} gibt es nicht</translation>
    </message>
    <message>
        <source>the network {path} cannot be read: {error}</source>
        <translation>das Netz {path} ist nicht lesbar: {error}</translation>
    </message>
    <message>
        <source>the package keyring is missing; install it with: pip install &quot;facecam[keyring]&quot;</source>
        <translation>das Paket keyring fehlt; installieren Sie es mit: pip install &quot;facecam[keyring]&quot;</translation>
    </message>
    <message>
        <source>the passphrase has {count} characters; use at least {limit}, better five random words</source>
        <translation>die Passphrase hat {count} Zeichen; verwenden Sie mindestens {limit}, besser fünf zufällige Wörter</translation>
    </message>
    <message>
        <source>{files} in {folder} may show the person: look through the folder, and delete what does</source>
        <translation>{files} in {folder}: kann die Person zeigen; sehen Sie den Ordner durch, und löschen Sie, was sie zeigt</translation>
    </message>
    <message>
        <source>the process that compares the networks has ended</source>
        <translation>der Prozess, der die Netze vergleicht, ist beendet</translation>
    </message>
    <message>
        <source>the recording ended after {minutes}:{seconds:02}</source>
        <translation>die Aufnahme endete nach {minutes}:{seconds:02}</translation>
    </message>
    <message>
        <source>the removed files cannot be restored: their copy for undo is damaged</source>
        <translation>die entfernten Dateien lassen sich nicht wiederherstellen: Ihre Kopie zum Rückgängigmachen ist beschädigt</translation>
    </message>
    <message>
        <source>the removed files were dropped because later changes needed the space for undo</source>
        <translation>die entfernten Dateien wurden verworfen, weil spätere Änderungen ihren Platz zum Rückgängigmachen brauchten</translation>
    </message>
    <message>
        <source>the roster {path} cannot be read ({reason}); name a text or CSV file with one name per line</source>
        <translation>die Namensliste {path} kann nicht gelesen werden ({reason}); nennen Sie eine Text- oder CSV-Datei mit einem Namen pro Zeile</translation>
    </message>
    <message>
        <source>the roster {path} has no names; write one name per line</source>
        <translation>die Namensliste {path} enthält keine Namen; schreiben Sie einen Namen pro Zeile</translation>
    </message>
    <message>
        <source>the row at {t_ms} ms has no {parameter}, so the log cannot be replayed</source>
        <translation>der Zeile bei {t_ms} ms fehlt {parameter}, daher lässt sich das Protokoll nicht nachrechnen</translation>
    </message>
    <message>
        <source>the same face ({distance:.2f} apart) as {photo}</source>
        <translation>dasselbe Gesicht (Abstand {distance:.2f}) wie {photo}</translation>
    </message>
    <message>
        <source>the same file as {photo}</source>
        <translation>dieselbe Datei wie {photo}</translation>
    </message>
    <message>
        <source>the same image ({distance:.2f} apart) as {photo}</source>
        <translation>dasselbe Bild (Abstand {distance:.2f}) wie {photo}</translation>
    </message>
    <message>
        <source>the same image as {photo}</source>
        <translation>dasselbe Bild wie {photo}</translation>
    </message>
    <message>
        <source>the segment from {from_ms:g} to {to_ms} ms is empty; its end must come after its start</source>
        <translation>der Abschnitt von {from_ms:g} bis {to_ms} ms ist leer; sein Ende muss nach seinem Anfang liegen</translation>
    </message>
    <message>
        <source>the server has closed the connection; check the camera&apos;s power and the network</source>
        <translation>der Server hat die Verbindung beendet; prüfen Sie die Stromversorgung der Kamera und das Netzwerk</translation>
    </message>
    <message>
        <source>the session has ended; start another one to add markers to its log</source>
        <translation>die Sitzung ist beendet; starten Sie eine neue, um Zeitmarken in ihr Protokoll zu setzen</translation>
    </message>
    <message>
        <source>the file was encrypted for another gallery, or before this one was encrypted again; delete it</source>
        <translation>die Datei wurde für eine andere Galerie verschlüsselt, oder bevor diese erneut verschlüsselt wurde; löschen Sie sie</translation>
    </message>
    <message>
        <source>another facecam process is writing to {folder}; wait until it has finished, or name another folder</source>
        <translation>Ein anderer facecam-Prozess schreibt in {folder}; warten Sie, bis er fertig ist, oder nennen Sie einen anderen Ordner</translation>
    </message>
    <message>
        <source>events cannot be written to {path}, which is not a file; name a file</source>
        <translation>Ereignisse können nicht nach {path} geschrieben werden, das keine Datei ist; nennen Sie eine Datei</translation>
    </message>
    <message>
        <source>events cannot be written to {path}: {error}</source>
        <translation>Ereignisse können nicht nach {path} geschrieben werden: {error}</translation>
    </message>
    <message>
        <source>it does not exist; check the path</source>
        <translation>die Datei gibt es nicht; prüfen Sie den Pfad</translation>
    </message>
    <message>
        <source>the event command is empty; name a program</source>
        <translation>der Befehl für Ereignisse ist leer; nennen Sie ein Programm</translation>
    </message>
    <message>
        <source>the event command {text} cannot be split into words: {error}</source>
        <translation>der Befehl für Ereignisse {text} lässt sich nicht in Wörter teilen: {error}</translation>
    </message>
    <message>
        <source>the event filter {part!r} has an unknown field; the fields are {fields}</source>
        <translation>der Filter für Ereignisse {part!r} hat ein unbekanntes Feld; die Felder sind {fields}</translation>
    </message>
    <message>
        <source>the event filter {part!r} has an unknown kind; the kinds are {kinds}</source>
        <translation>der Filter für Ereignisse {part!r} hat eine unbekannte Art; die Arten sind {kinds}</translation>
    </message>
    <message>
        <source>the event filter {part!r} is not FIELD=VALUE or FIELD!=VALUE; an example is kind=person_arrived and name=Ada</source>
        <translation>der Filter für Ereignisse {part!r} ist weder FELD=WERT noch FELD!=WERT; ein Beispiel ist kind=person_arrived and name=Ada</translation>
    </message>
    <message>
        <source>the gallery is not loaded yet; try again in a moment</source>
        <translation>die Galerie ist noch nicht geladen; versuchen Sie es gleich noch einmal</translation>
    </message>
    <message>
        <source>the gallery {folder} has changed meanwhile; run the command again</source>
        <translation>Die Galerie {folder} hat sich inzwischen geändert; starten Sie den Befehl noch einmal</translation>
    </message>
    <message>
        <source>the home folder of this user is unknown: set HOME to a folder that you can write</source>
        <translation>der persönliche Ordner dieses Benutzers ist unbekannt: setzen Sie HOME auf einen Ordner, in den Sie schreiben dürfen</translation>
    </message>
    <message>
        <source>the key of {gallery} in the system&apos;s keyring cannot be deleted: unlock the keyring, then try again</source>
        <translation>der Schlüssel von {gallery} im Schlüsselbund des Systems kann nicht gelöscht werden: Entsperren Sie den Schlüsselbund, und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>the logs belong to {count} videos or sessions, which need a file each; give one log, or an existing folder with -o</source>
        <translation>die Protokolle gehören zu {count} Videos oder Sitzungen, die je eine Datei brauchen; nennen Sie ein Protokoll oder mit -o einen vorhandenen Ordner</translation>
    </message>
    <message>
        <source>the name in {files} of logs: it is now {name}</source>
        <translation>der Name in {files} von Protokollen: Er ist jetzt {name}</translation>
    </message>
    <message>
        <source>the name in {folder}</source>
        <translation>der Name in {folder}</translation>
    </message>
    <message>
        <source>the network {folder}</source>
        <translation>das Netz {folder}</translation>
    </message>
    <message>
        <source>the notification about this person</source>
        <translation>die Benachrichtigung über diese Person</translation>
    </message>
    <message>
        <source>the passphrase of the gallery {gallery} is wrong; check capital letters and the keyboard, and enter it again</source>
        <translation>die Passphrase der Galerie {gallery} ist falsch; prüfen Sie Großschreibung und Tastatur, und geben Sie sie erneut ein</translation>
    </message>
    <message>
        <source>the program {program} of the event command was not found, or cannot be run; check its name</source>
        <translation>das Programm {program} des Befehls für Ereignisse wurde nicht gefunden oder lässt sich nicht ausführen; prüfen Sie den Namen</translation>
    </message>
    <message>
        <source>the session {sessions} is running and has the people of the gallery in memory: end it (Ctrl+E in the window), then try again</source>
        <translation>Die Sitzung {sessions} läuft und hat die Personen der Galerie im Speicher: Beenden Sie sie (Strg+E im Fenster) und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>the sessions have labels with {count} names, more than the {limit} that facecam reads; read fewer logs at once</source>
        <translation>die Sitzungen haben Merkmale mit {count} Namen, mehr als die {limit}, die facecam liest; lesen Sie weniger Protokolle auf einmal</translation>
    </message>
    <message>
        <source>the sessions in {folder} cannot be reached ({error}); {advice}</source>
        <translation>die Sitzungen in {folder} sind nicht erreichbar ({error}); {advice}</translation>
    </message>
    <message>
        <source>the system&apos;s keyring cannot be used: {reason}</source>
        <translation>der Schlüsselbund des Systems kann nicht verwendet werden: {reason}</translation>
    </message>
    <message>
        <source>the table of distances has missing or unknown columns: {error}</source>
        <translation>in der Tabelle der Abstände fehlen Spalten, oder einige sind unbekannt: {error}</translation>
    </message>
    <message>
        <source>the table of distances is damaged: expected rising columns of one length</source>
        <translation>die Tabelle der Abstände ist beschädigt: erwartet werden steigende, gleich lange Spalten</translation>
    </message>
    <message>
        <source>the tables are nested too deeply</source>
        <translation>die Tabellen sind zu tief verschachtelt</translation>
    </message>
    <message>
        <source>the values are nested too deeply</source>
        <translation>die Werte sind zu tief verschachtelt</translation>
    </message>
    <message>
        <source>the video</source>
        <translation>das Video</translation>
    </message>
    <message>
        <source>the video shows {count} people, first seen at {places} ({distance:.2f} apart, one person at most {limit:.2f})</source>
        <translation>das Video zeigt {count} Personen, zuerst zu sehen bei {places} (Abstand {distance:.2f}, bei einer Person höchstens {limit:.2f})</translation>
    </message>
    <message>
        <source>the weights of {folder} are not a .safetensors file ({error}); {advice}</source>
        <translation>die Gewichte von {folder} sind keine .safetensors-Datei ({error}); {advice}</translation>
    </message>
    <message>
        <source>the weights of {name} are</source>
        <translation>die Gewichte von {name}:</translation>
    </message>
    <message>
        <source>the weights of {name} are damaged: {kind} {found}, expected {expected}; delete {file} if it exists, and try again</source>
        <translation>die Gewichte von {name} sind beschädigt: {kind} {found}, erwartet: {expected}; löschen Sie {file}, falls vorhanden, und versuchen Sie es noch einmal</translation>
    </message>
    <message>
        <source>the weights of {name} are not on this machine and cannot be downloaded ({reason}): go online and try again, or copy the file of {host}{path} to {file}</source>
        <translation>die Gewichte von {name} sind nicht auf diesem Computer und lassen sich nicht herunterladen ({reason}): verbinden Sie sich mit dem Internet, und versuchen Sie es noch einmal, oder kopieren Sie die Datei von {host}{path} nach {file}</translation>
    </message>
    <message>
        <source>the weights of {name} cannot be read: {file} ({error}); `facecam models convert {name}` downloads them when they are missing</source>
        <translation>die Gewichte von {name} sind nicht lesbar: {file} ({error}); `facecam models convert {name}` lädt sie herunter, wenn sie fehlen</translation>
    </message>
    <message>
        <source>the weights of {name} have changed since it was converted: run {command} again</source>
        <translation>die Gewichte von {name} wurden seit der Umwandlung geändert: führen Sie {command} noch einmal aus</translation>
    </message>
    <message>
        <source>there is nothing to redo</source>
        <translation>es gibt nichts zu wiederholen</translation>
    </message>
    <message>
        <source>there is nothing to undo</source>
        <translation>es gibt nichts rückgängig zu machen</translation>
    </message>
    <message>
        <source>this installation of Pillow does not read {kind}; save it again as JPEG or PNG</source>
        <translation>dieses Pillow kann {kind} nicht lesen; speichern Sie das Bild noch einmal als JPEG oder PNG</translation>
    </message>
    <message>
        <source>this query needs the column {column}, which was not read: add it to read_log(columns=...)</source>
        <translation>diese Abfrage braucht die Spalte {column}, die nicht gelesen wurde: Fügen Sie sie bei read_log(columns=...) hinzu</translation>
    </message>
    <message>
        <source>this session writes no log, so that the marker has no place; start it without --no-log</source>
        <translation>diese Sitzung schreibt kein Protokoll, in das die Zeitmarke gehört; starten Sie sie ohne --no-log</translation>
    </message>
    <message>
        <source>this step is not possible while the enrollment is {phase}</source>
        <translation>dieser Schritt ist in dieser Phase des Einlernens nicht möglich ({phase})</translation>
    </message>
    <message>
        <source>this system has no keyring; enter the passphrase, or use --passphrase-file</source>
        <translation>dieses System hat keinen Schlüsselbund; geben Sie die Passphrase ein oder verwenden Sie --passphrase-file</translation>
    </message>
    <message>
        <source>threshold_l2 is {threshold_l2}; choose a distance above 0 and at most 2</source>
        <translation>threshold_l2 ist {threshold_l2}; wählen Sie einen Abstand über 0, höchstens 2</translation>
    </message>
    <message>
        <source>track {track_id} has ended: correct a face while the camera sees it</source>
        <translation>die Spur {track_id} ist zu Ende: Korrigieren Sie ein Gesicht, solange die Kamera es sieht</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>unix:{path} cannot be used, because Python has no Unix sockets on this system</source>
        <translation>unix:{path} kann nicht verwendet werden, weil Python auf diesem System keine Unix-Sockets hat</translation>
    </message>
    <message>
        <source>unknown model {name!r}; choose one of {names}</source>
        <translation>unbekanntes Modell {name!r}; wählen Sie eines von {names}</translation>
    </message>
    <message>
        <source>unknown setting {key}; did you mean {similar}?</source>
        <translation>unbekannte Einstellung {key}; meinten Sie {similar}?</translation>
    </message>
    <message>
        <source>unknown setting {key}; docs/reference/settings.md lists all settings</source>
        <translation>unbekannte Einstellung {key}; alle Einstellungen stehen in docs/reference/settings.md</translation>
    </message>
    <message>
        <source>unknown time zone {name!r}; use a name like Europe/Berlin, or none for this machine&apos;s zone</source>
        <translation>unbekannte Zeitzone {name!r}; verwenden Sie einen Namen wie Europe/Berlin oder keinen für die Zone dieses Rechners</translation>
    </message>
    <message>
        <source>was not probed: the other cameras took {seconds:g} s</source>
        <translation>nicht geprüft: die anderen Kameras brauchten {seconds:g} s</translation>
    </message>
    <message>
        <source>write a date and a time, such as 2026-03-01T09:30:00 (local) or 2026-03-01T08:30:00Z</source>
        <translation>schreiben Sie Datum und Uhrzeit, zum Beispiel 2026-03-01T09:30:00 (Ortszeit) oder 2026-03-01T08:30:00Z</translation>
    </message>
    <message>
        <source>you may not open {camera} ({node}); join the group video: sudo usermod -aG video $USER, then log out and in again</source>
        <translation>Sie dürfen {camera} nicht öffnen ({node}); treten Sie der Gruppe video bei: sudo usermod -aG video $USER, dann ab- und wieder anmelden</translation>
    </message>
    <message>
        <source>you may not open {path}, without which two programs could change the gallery at once; ask its owner to run chmod g+rw on it</source>
        <translation>Sie dürfen {path} nicht öffnen; ohne diese Datei könnten zwei Programme die Galerie gleichzeitig ändern. Bitten Sie den Besitzer, chmod g+rw darauf anzuwenden.</translation>
    </message>
    <message>
        <source>{address} answers with an error; check its path, and the camera&apos;s number of viewers</source>
        <translation>{address} antwortet mit einem Fehler; prüfen Sie den Pfad, und wie viele die Kamera gerade ansehen</translation>
    </message>
    <message>
        <source>{address} answers with error {status}; check the camera and its number of viewers</source>
        <translation>{address} antwortet mit dem Fehler {status}; prüfen Sie die Kamera, und wie viele sie gerade ansehen</translation>
    </message>
    <message>
        <source>{address} answers, but delivers no decodable video; choose H.264 in the camera</source>
        <translation>{address} antwortet, liefert aber kein lesbares Video; wählen Sie in der Kamera H.264</translation>
    </message>
    <message>
        <source>{address} answers, but delivers no video; check its path</source>
        <translation>{address} antwortet, liefert aber kein Video; prüfen Sie den Pfad</translation>
    </message>
    <message>
        <source>{address} cannot be opened: it does not use TLS; try the address without the s</source>
        <translation>{address} lässt sich nicht öffnen: sie verwendet kein TLS; versuchen Sie die Adresse ohne das s</translation>
    </message>
    <message>
        <source>{address} cannot be opened: its answer is not a video; check the address</source>
        <translation>{address} lässt sich nicht öffnen: die Antwort ist kein Video; prüfen Sie die Adresse</translation>
    </message>
    <message>
        <source>{address} cannot be opened: {reason}</source>
        <translation>{address} lässt sich nicht öffnen: {reason}</translation>
    </message>
    <message>
        <source>{address} cannot be opened; addresses begin with http://, https://, rtsp://, rtsps://, rtmp:// or udp://</source>
        <translation>{address} lässt sich nicht öffnen; Adressen beginnen mit http://, https://, rtsp://, rtsps://, rtmp:// oder udp://</translation>
    </message>
    <message>
        <source>{address} delivers no decodable video; check the address</source>
        <translation>{address} liefert kein lesbares Video; prüfen Sie die Adresse</translation>
    </message>
    <message>
        <source>{address} delivers no video within {seconds:g} s; check the network</source>
        <translation>{address} liefert innerhalb von {seconds:g} s kein Video; prüfen Sie das Netzwerk</translation>
    </message>
    <message>
        <source>{address} does not answer within {seconds:g} s; check the address and the network</source>
        <translation>{address} antwortet nicht innerhalb von {seconds:g} s; prüfen Sie die Adresse und das Netzwerk</translation>
    </message>
    <message>
        <source>{address} is a playlist that names a file elsewhere ({other}), which facecam does not open; open that address if you trust it</source>
        <translation>{address} ist eine Abspielliste, die auf eine Datei an anderer Stelle verweist ({other}); facecam öffnet sie nicht; öffnen Sie diese Adresse, wenn Sie ihr vertrauen</translation>
    </message>
    <message>
        <source>{address} is not a valid address; write it as {scheme}://host:port/path. In a user or password, write %40 for @, %3A for :, %2F for /, %3F for ? and %23 for #</source>
        <translation>{address} ist keine gültige Adresse; schreiben Sie sie als {scheme}://Rechner:Port/Pfad. In Benutzer und Passwort steht %40 für @, %3A für :, %2F für /, %3F für ? und %23 für #</translation>
    </message>
    <message>
        <source>{address} redirects to {target} ({other}), which facecam does not follow; if you trust it, open that address</source>
        <translation>{address} leitet an {target} weiter ({other}), dem folgt facecam nicht; öffnen Sie diese Adresse, wenn Sie ihr vertrauen</translation>
    </message>
    <message>
        <source>{address} redirects without end, or without an address; check the address</source>
        <translation>{address} leitet endlos weiter, oder ohne eine Adresse; prüfen Sie die Adresse</translation>
    </message>
    <message>
        <source>{address} rejects the user and password; check both, and whether this user may view the stream</source>
        <translation>{address} lehnt Benutzer und Passwort ab; prüfen Sie beide, und ob dieser Benutzer das Video sehen darf</translation>
    </message>
    <message>
        <source>{address} requires a user and password; write them as {scheme}://user:password@host/path</source>
        <translation>{address} verlangt Benutzer und Passwort; schreiben Sie sie als {scheme}://Benutzer:Passwort@Rechner/Pfad</translation>
    </message>
    <message>
        <source>{address} states more frames than facecam reads, so its index is damaged or too long</source>
        <translation>{address} gibt mehr Bilder an, als facecam liest, also ist das Verzeichnis beschädigt oder zu lang</translation>
    </message>
    <message>
        <source>{address}: this path does not exist ({status}); look up the path of the stream in the camera</source>
        <translation>{address}: diesen Pfad gibt es nicht ({status}); sehen Sie in der Kamera nach, wie der Pfad des Videos lautet</translation>
    </message>
    <message>
        <source>{camera} does not exist, and this machine has no other; plug one in, or try without a camera: facecam demo</source>
        <translation>{camera} gibt es nicht, und dieser Computer hat keine andere; schließen Sie eine an, oder versuchen Sie es ohne Kamera: facecam demo</translation>
    </message>
    <message>
        <source>{camera} does not exist; this machine has {available}: name one with --source</source>
        <translation>{camera} gibt es nicht; dieser Computer hat {available}: nennen Sie eine mit --source</translation>
    </message>
    <message>
        <source>{camera} does not open; plug it in, close other programs that use it, and {advice}</source>
        <translation>{camera} lässt sich nicht öffnen; stecken Sie sie ein, beenden Sie andere Programme, die sie verwenden, und {advice}</translation>
    </message>
    <message>
        <source>{camera} is used by {users}; close that first</source>
        <translation>{camera} wird von {users} verwendet; beenden Sie zuerst dieses Programm</translation>
    </message>
    <message>
        <source>{camera} opens but delivers no image; close other programs that use it, and {advice}</source>
        <translation>{camera} lässt sich öffnen, liefert aber kein Bild; beenden Sie andere Programme, die sie verwenden, und {advice}</translation>
    </message>
    <message>
        <source>{changed} has changed since it was calibrated, and its distances with it: {advice}</source>
        <translation>{changed} wurde seit der Kalibrierung geändert, und damit die Abstände: {advice}</translation>
    </message>
    <message>
        <source>{column} is empty</source>
        <translation>{column} ist leer</translation>
    </message>
    <message>
        <source>{column} is {value!r}</source>
        <translation>{column} ist {value!r}</translation>
    </message>
    <message>
        <source>{count} cached observation</source>
        <translation>{count} Eintrag im Cache</translation>
    </message>
    <message>
        <source>{count} cached observations</source>
        <translation>{count} Einträge im Cache</translation>
    </message>
    <message>
        <source>{count} file</source>
        <translation>{count} Datei</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation>{count} Dateien</translation>
    </message>
    <message>
        <source>{count} frames in a row could not be recognized; the last error was: {error}</source>
        <translation>{count} Bilder nacheinander konnten nicht ausgewertet werden; der letzte Fehler war: {error}</translation>
    </message>
    <message>
        <source>{count} image</source>
        <translation>{count} Bild</translation>
    </message>
    <message>
        <source>{count} images</source>
        <translation>{count} Bilder</translation>
    </message>
    <message>
        <source>{count} photo</source>
        <translation>{count} Foto</translation>
    </message>
    <message>
        <source>{count} photos</source>
        <translation>{count} Fotos</translation>
    </message>
    <message>
        <source>{count} photos are not used; move them to {folder}</source>
        <translation>{count} Fotos werden nicht verwendet; verschieben Sie sie nach {folder}</translation>
    </message>
    <message>
        <source>{count} quarantined photo</source>
        <translation>{count} Foto in Quarantäne</translation>
    </message>
    <message>
        <source>{count} quarantined photos</source>
        <translation>{count} Fotos in Quarantäne</translation>
    </message>
    <message>
        <source>{count} recording</source>
        <translation>{count} Aufnahme</translation>
    </message>
    <message>
        <source>{count} recordings</source>
        <translation>{count} Aufnahmen</translation>
    </message>
    <message>
        <source>{count} rejected face</source>
        <translation>{count} als andere Person markiertes Gesicht</translation>
    </message>
    <message>
        <source>{count} rejected faces</source>
        <translation>{count} als andere Person markierte Gesichter</translation>
    </message>
    <message>
        <source>{count} settings are wrong:</source>
        <translation>{count} Einstellungen sind falsch:</translation>
    </message>
    <message>
        <source>{count} snapshot</source>
        <translation>{count} Schnappschuss</translation>
    </message>
    <message>
        <source>{count} snapshots</source>
        <translation>{count} Schnappschüsse</translation>
    </message>
    <message>
        <source>{details} cannot be read ({reason}); put the session&apos;s JSON file next to the log</source>
        <translation>{details} kann nicht gelesen werden ({reason}); legen Sie die JSON-Datei der Sitzung neben das Protokoll</translation>
    </message>
    <message>
        <source>{details} has no decision parameters ({error}); an older version of facecam wrote it</source>
        <translation>{details} enthält keine Entscheidungsparameter ({error}); eine ältere Version von facecam hat die Datei geschrieben</translation>
    </message>
    <message>
        <source>{details} is damaged: its decision parameters are {given}; use the original file</source>
        <translation>{details} ist beschädigt: Die Entscheidungsparameter sind {given}; verwenden Sie die Originaldatei</translation>
    </message>
    <message>
        <source>{distance:.2f} from the mean of the photos of {name}, match threshold {threshold:.2f}</source>
        <translation>Abstand {distance:.2f} zum Mittel der Fotos von {name}, Schwelle {threshold:.2f}</translation>
    </message>
    <message>
        <source>{distance:.2f} from the other {count} photos of {name}, at most {limit:.2f}</source>
        <translation>Abstand {distance:.2f} zu den anderen {count} Fotos von {name}, höchstens {limit:.2f}</translation>
    </message>
    <message>
        <source>{distance:.2f} from the {count} photos of {name} in use, at most {limit:.2f}</source>
        <translation>Abstand {distance:.2f} zu den {count} benutzten Fotos von {name}, höchstens {limit:.2f}</translation>
    </message>
    <message>
        <source>{distance:.2f} from {photo} of {name}, match threshold {threshold:.2f}</source>
        <translation>Abstand {distance:.2f} zu {photo} von {name}, Schwelle {threshold:.2f}</translation>
    </message>
    <message>
        <source>{every!r} is not a pandas frequency; use one like 10s, 5min, 1h, 1D, W or ME</source>
        <translation>{every!r} ist keine Frequenz von pandas; verwenden Sie eine wie 10s, 5min, 1h, 1D, W oder ME</translation>
    </message>
    <message>
        <source>{files} ({count} more)</source>
        <translation>{files} ({count} weitere)</translation>
    </message>
    <message>
        <source>{file} is not part of an installed facecam; to use it, get the source tree, run `make models` there and `pip install -e .`</source>
        <translation>{file} gehört nicht zu einem installierten facecam; holen Sie dafür den Quellcode, und führen Sie darin `make models` und `pip install -e .` aus</translation>
    </message>
    <message>
        <source>{first} and {other} contain different sessions with the name {session}; leave one out</source>
        <translation>{first} und {other} enthalten verschiedene Sitzungen mit dem Namen {session}; lassen Sie eine weg</translation>
    </message>
    <message>
        <source>{first} and {second}</source>
        <translation>{first} und {second}</translation>
    </message>
    <message>
        <source>{first} and {second} look different. Merge them only if they are one person.</source>
        <translation>{first} und {second} sehen verschieden aus. Führen Sie die beiden nur zusammen, wenn sie eine Person sind.</translation>
    </message>
    <message>
        <source>{folder} cannot be changed: {reason}; the consent of {name} is unchanged</source>
        <translation>{folder} lässt sich nicht ändern: {reason}; die Einwilligung von {name} bleibt, wie sie war</translation>
    </message>
    <message>
        <source>{folder} cannot be changed: {reason}; {name} keeps the name</source>
        <translation>{folder} kann nicht geändert werden: {reason}; {name} behält den Namen</translation>
    </message>
    <message>
        <source>{folder} cannot be written: {error}; name another folder</source>
        <translation>{folder} kann nicht geschrieben werden: {error}; nennen Sie einen anderen Ordner</translation>
    </message>
    <message>
        <source>{folder} cannot be written: {reason}; nothing was changed</source>
        <translation>in {folder} kann nicht geschrieben werden: {reason}; es wurde nichts geändert</translation>
    </message>
    <message>
        <source>{folder} has more than {limit} MB, too much to keep for undo; `facecam people remove` removes a person without undo</source>
        <translation>{folder} hat mehr als {limit} MB, zu viel zum Aufheben; `facecam people remove` entfernt eine Person, ohne dass es sich rückgängig machen lässt</translation>
    </message>
    <message>
        <source>{folder} has no taught objects: {file} is missing</source>
        <translation>{folder} enthält keine gelehrten Gegenstände: {file} fehlt</translation>
    </message>
    <message>
        <source>{folder} holds other files; name a new or an empty folder</source>
        <translation>{folder} enthält andere Dateien; nennen Sie einen neuen oder leeren Ordner</translation>
    </message>
    <message>
        <source>{folder} is not a trained network: {file} is missing; create one with `facecam train`</source>
        <translation>{folder} ist kein trainiertes Netz: {file} fehlt; erzeugen Sie eines mit `facecam train`</translation>
    </message>
    <message>
        <source>{folder} was taught with another version or network; move it away and teach again</source>
        <translation>{folder} stammt von einer anderen Version oder einem anderen Netz; verschieben Sie den Ordner, und lehren Sie neu</translation>
    </message>
    <message>
        <source>{images} of this person that had been rejected or quarantined for {name}</source>
        <translation>{images} dieser Person im Ordner von {name} (als andere Person markiert oder in Quarantäne)</translation>
    </message>
    <message>
        <source>{key} in ./facecam.toml runs a program or sends events only if you name the file: add --config facecam.toml, or move the setting to your own configuration file</source>
        <translation>{key} in ./facecam.toml startet nur dann ein Programm oder sendet Ereignisse, wenn Sie die Datei nennen: ergänzen Sie --config facecam.toml oder übernehmen Sie die Einstellung in Ihre eigene Konfigurationsdatei</translation>
    </message>
    <message>
        <source>{key} is a number of more than 64 bits; use a smaller one</source>
        <translation>{key} ist eine Zahl mit mehr als 64 Bit; nehmen Sie eine kleinere</translation>
    </message>
    <message>
        <source>{key} is not a section; write its settings below [{key}]</source>
        <translation>{key} ist kein Abschnitt; schreiben Sie seine Einstellungen unter [{key}]</translation>
    </message>
    <message>
        <source>{key} is not in a section; write it below [detect], [gate], [identify] ...</source>
        <translation>{key} steht in keinem Abschnitt; schreiben Sie es unter [detect], [gate], [identify] …</translation>
    </message>
    <message>
        <source>{key} is {value}, expected rotate = 180, flip = true, or both</source>
        <translation>{key} ist {value}, erwartet: rotate = 180, flip = true oder beides</translation>
    </message>
    <message>
        <source>{key} is {value}, expected tables such as [{key}.&quot;HD Webcam&quot;], or JSON in the environment</source>
        <translation>{key} ist {value}, erwartet: Tabellen wie [{key}.&quot;HD Webcam&quot;], oder JSON in der Umgebung</translation>
    </message>
    <message>
        <source>{key} is {value}, expected {expected}</source>
        <translation>{key} ist {value}, erwartet: {expected}</translation>
    </message>
    <message>
        <source>{key} of {name} is {value}; expected a distance from 0 to 2</source>
        <translation>{key} von {name} ist {value}; erwartet: ein Abstand von 0 bis 2</translation>
    </message>
    <message>
        <source>{key}.flip is {value}, expected true or false</source>
        <translation>{key}.flip ist {value}, erwartet: true oder false</translation>
    </message>
    <message>
        <source>{key}.rotate is {value}, expected 0, 90, 180 or 270</source>
        <translation>{key}.rotate ist {value}, erwartet: 0, 90, 180 oder 270</translation>
    </message>
    <message>
        <source>{label} has more than {limit} MB</source>
        <translation>{label} hat mehr als {limit} MB</translation>
    </message>
    <message>
        <source>{label} is damaged: {error}</source>
        <translation>{label} ist beschädigt: {error}</translation>
    </message>
    <message>
        <source>{label} is packed to less than 1/{ratio} of its size, as no photo is: unpack it, then import the folder</source>
        <translation>{label} ist auf weniger als 1/{ratio} der Größe gepackt, wie kein Foto: Entpacken Sie die ZIP-Datei, und importieren Sie dann den Ordner</translation>
    </message>
    <message>
        <source>{label} is packed with an uncommon method: unpack it, then import the folder</source>
        <translation>{label} ist mit einem unüblichen Verfahren gepackt: Entpacken Sie die ZIP-Datei, und importieren Sie dann den Ordner</translation>
    </message>
    <message>
        <source>{label} is too large</source>
        <translation>{label} ist zu groß</translation>
    </message>
    <message>
        <source>{label}: found only {count} different views of at least {least}; turn the object, bring it nearer, or give more images</source>
        <translation>{label}: nur {count} verschiedene Ansichten gefunden, mindestens {least} sind nötig; drehen Sie den Gegenstand, halten Sie ihn näher, oder nehmen Sie mehr Bilder</translation>
    </message>
    <message>
        <source>{label}: views {views} in {blocks} blocks, negatives {negatives}; expected {columns} columns</source>
        <translation>{label}: Ansichten {views} in {blocks} Blöcken, Gegenbeispiele {negatives}; erwartet werden {columns} Spalten</translation>
    </message>
    <message>
        <source>{logs} has nothing to draw; --format md explains why</source>
        <translation>in {logs} gibt es nichts zu zeichnen; --format md erklärt, warum</translation>
    </message>
    <message>
        <source>{low:.10g} to {high:.10g}</source>
        <translation>{low:.10g} bis {high:.10g}</translation>
    </message>
    <message>
        <source>{name!r} cannot be the name of a session label; use 1 to 32 of a-z, 0-9 and _, beginning with a letter</source>
        <translation>{name!r} ist als Name eines Merkmals nicht möglich; verwenden Sie 1 bis 32 Zeichen aus a-z, 0-9 und _, am Anfang einen Buchstaben</translation>
    </message>
    <message>
        <source>{name!r} is not a camera, file or folder; give a camera&apos;s index (0 is the first), a path, an address or {demo!r}</source>
        <translation>{name!r} ist keine Kamera, keine Datei und kein Ordner; nennen Sie die Nummer einer Kamera (0 ist die erste), einen Pfad, eine Adresse oder {demo!r}</translation>
    </message>
    <message>
        <source>{name!r} is not a face recognition network; choose {names}, or the path of a FILE.tflite</source>
        <translation>{name!r} ist kein Netz zur Gesichtserkennung; wählen Sie {names} oder den Pfad einer Datei NAME.tflite</translation>
    </message>
    <message>
        <source>{name!r} is not enrolled in {gallery}; enrolled people: none</source>
        <translation>{name!r} ist in {gallery} nicht eingelernt; eingelernte Personen: keine</translation>
    </message>
    <message>
        <source>{name!r} is not enrolled in {gallery}; enrolled people: {names}</source>
        <translation>{name!r} ist in {gallery} nicht eingelernt; eingelernte Personen: {names}</translation>
    </message>
    <message>
        <source>{name!r} was not taught; nothing has been taught yet ({folder})</source>
        <translation>{name!r} ist nicht bekannt; bisher ist kein Gegenstand bekannt ({folder})</translation>
    </message>
    <message>
        <source>{name!r} was not taught; taught are {names} ({folder})</source>
        <translation>{name!r} ist nicht bekannt; bekannt sind {names} ({folder})</translation>
    </message>
    <message>
        <source>{name} (process {number})</source>
        <translation>{name} (Prozess {number})</translation>
    </message>
    <message>
        <source>{name} and {count} more</source>
        <translation>{name} und {count} weitere</translation>
    </message>
    <message>
        <source>{name} cannot be merged with themselves: choose another person</source>
        <translation>{name} lässt sich nicht mit sich selbst zusammenführen: Wählen Sie eine andere Person</translation>
    </message>
    <message>
        <source>{name} could not be decoded as an image: {error}</source>
        <translation>{name} ist nicht als Bild lesbar: {error}</translation>
    </message>
    <message>
        <source>{name} could not be decoded, or is damaged ({reason}); save it again as JPEG or PNG</source>
        <translation>{name} ist nicht lesbar oder beschädigt ({reason}); speichern Sie das Bild noch einmal als JPEG oder PNG</translation>
    </message>
    <message>
        <source>{name} differs from {other}, who is enrolled already, only in case or in the form of a letter; use the name {other} for the same person, or add a surname for another one</source>
        <translation>{name} unterscheidet sich vom schon eingelernten Namen {other} nur in Groß- und Kleinschreibung oder in der Form eines Buchstabens; verwenden Sie für dieselbe Person den Namen {other}, oder ergänzen Sie für eine andere einen Nachnamen</translation>
    </message>
    <message>
        <source>{name} does not classify objects; choose {network}, the folder of a trained network, or from keras.applications {names}</source>
        <translation>{name} erkennt keine Gegenstände; wählen Sie {network}, den Ordner eines trainierten Netzes oder aus keras.applications {names}</translation>
    </message>
    <message>
        <source>{name} has not been converted yet: run {command} first</source>
        <translation>{name} wurde noch nicht umgewandelt: führen Sie zuerst {command} aus</translation>
    </message>
    <message>
        <source>{name} has the role {role!r} in {manifest}, expected one of {names}</source>
        <translation>{name} hat in {manifest} die Rolle {role!r}, erwartet: eine von {names}</translation>
    </message>
    <message>
        <source>{name} has to be converted once: run `facecam models convert {name} --embedding`, and use the .tflite file</source>
        <translation>{name} muss einmal umgewandelt werden: führen Sie `facecam models convert {name} --embedding` aus, und verwenden Sie die .tflite-Datei</translation>
    </message>
    <message>
        <source>{name} is a link to another folder: move its photos into {folder} by hand</source>
        <translation>{name} ist eine Verknüpfung mit einem anderen Ordner: Verschieben Sie dessen Fotos selbst nach {folder}</translation>
    </message>
    <message>
        <source>{name} is an earlier name of {present}: forget {present}, or merge the two first</source>
        <translation>{name} ist ein früherer Name von {present}: Vergessen Sie {present}, oder führen Sie beide zuerst zusammen</translation>
    </message>
    <message>
        <source>{name} is empty; copy it again from the original</source>
        <translation>{name} ist leer; kopieren Sie die Datei noch einmal vom Original</translation>
    </message>
    <message>
        <source>{name} is enrolled already: rename or remove that person first, or enroll photos under that name</source>
        <translation>{name} ist schon eingelernt: Benennen Sie diese Person erst um, entfernen Sie sie, oder lernen Sie Fotos unter diesem Namen ein</translation>
    </message>
    <message>
        <source>{name} is not a network in the format of LiteRT (TensorFlow Lite), or is damaged; copy it again</source>
        <translation>{name} ist kein Netz im Format von LiteRT (TensorFlow Lite) oder ist beschädigt; kopieren Sie die Datei noch einmal</translation>
    </message>
    <message>
        <source>{name} is not enrolled any more</source>
        <translation>{name} ist nicht mehr eingelernt</translation>
    </message>
    <message>
        <source>{name} is not enrolled any more, so this change is not possible</source>
        <translation>{name} ist nicht mehr eingelernt, daher ist diese Änderung nicht möglich</translation>
    </message>
    <message>
        <source>{name} is not enrolled, but {present} is: write the name so</source>
        <translation>{name} ist nicht eingelernt, aber {present}: Schreiben Sie den Namen so</translation>
    </message>
    <message>
        <source>{name} is stored as {file}, not as .safetensors; read it through verified_content()</source>
        <translation>{name} ist als {file} gespeichert, nicht als .safetensors; lesen Sie es mit verified_content()</translation>
    </message>
    <message>
        <source>{name} is {value}, expected at least {other}, which is {other_value}</source>
        <translation>{name} ist {value}, erwartet: mindestens {other}, das ist {other_value}</translation>
    </message>
    <message>
        <source>{name} is {value}, expected more than {other}, which is {other_value}</source>
        <translation>{name} ist {value}, erwartet: mehr als {other}, das ist {other_value}</translation>
    </message>
    <message>
        <source>{name} is {value}, expected {expected}</source>
        <translation>{name} ist {value}, erwartet: {expected}</translation>
    </message>
    <message>
        <source>{name} looks like {other}, who is enrolled already (distance {distance:.2f}, the same person below {limit:.2f}): enroll more photos as {other}, or use {force} for two people</source>
        <translation>{name} sieht aus wie {other}, schon eingelernt (Abstand {distance:.2f}, unter {limit:.2f} dieselbe Person): Lernen Sie weitere Fotos als {other} ein, oder verwenden Sie {force}, wenn es zwei Personen sind</translation>
    </message>
    <message>
        <source>{name} returns {value}; facecam needs one output of float32 1 x length, from {shortest} to {longest}</source>
        <translation>{name} liefert {value}; facecam braucht eine Ausgabe als float32 1 x Länge, von {shortest} bis {longest}</translation>
    </message>
    <message>
        <source>{name} takes {channels!r} scaled by {scaling!r}; expected one of {all_channels} and one of {all_scalings}</source>
        <translation>{name} erwartet {channels!r}, skaliert mit {scaling!r}; möglich sind {all_channels}, skaliert mit {all_scalings}</translation>
    </message>
    <message>
        <source>{name} takes {value}; facecam needs one input of float32 1 x size x size x 3</source>
        <translation>{name} erwartet {value}; facecam braucht eine Eingabe als float32 1 x Größe x Größe x 3</translation>
    </message>
    <message>
        <source>{name} was enrolled, renamed or removed meanwhile: no photo was saved; look at the gallery, then try again</source>
        <translation>{name} wurde inzwischen eingelernt, umbenannt oder entfernt, daher wurde kein Foto gespeichert; sehen Sie in die Galerie, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>{name}: embedding networks, and only they, need a table `embedding` in {manifest}</source>
        <translation>{name}: Gesichtsnetze, und nur sie, brauchen eine Tabelle `embedding` in {manifest}</translation>
    </message>
    <message>
        <source>{name}: {manifest} names {file!r}, expected a file name without a folder</source>
        <translation>{name}: {manifest} nennt {file!r}, erwartet: ein Dateiname ohne Ordner</translation>
    </message>
    <message>
        <source>{network} has changed while it was opened; try again</source>
        <translation>{network} hat sich beim Öffnen geändert; versuchen Sie es noch einmal</translation>
    </message>
    <message>
        <source>{network} has no label {label_id}; only ImageNet&apos;s labels can be explained</source>
        <translation>{network} kennt die Bezeichnung {label_id} nicht; nur die von ImageNet lassen sich erklären</translation>
    </message>
    <message>
        <source>{network} is not calibrated yet: run `facecam calibrate --people DIR --network {network}`; DIR has one folder of photos for each person</source>
        <translation>{network} ist noch nicht kalibriert: führen Sie `facecam calibrate --people DIR --network {network}` aus; DIR enthält für jede Person einen Ordner mit Fotos</translation>
    </message>
    <message>
        <source>{network} needs a description of its input, {name}: create it with `facecam models convert {network} --embedding`, and correct it</source>
        <translation>{network} braucht eine Beschreibung der Eingabe, {name}: erzeugen Sie sie mit `facecam models convert {network} --embedding`, und berichtigen Sie sie</translation>
    </message>
    <message>
        <source>{old} and {new} are both set, but they are the same setting; delete {old}</source>
        <translation>{old} und {new} sind beide gesetzt, aber dieselbe Einstellung; löschen Sie {old}</translation>
    </message>
    <message>
        <source>{path} cannot be approved: {error}</source>
        <translation>{path} kann nicht freigegeben werden: {error}</translation>
    </message>
    <message>
        <source>{path} cannot be changed: correct its permissions, then try again</source>
        <translation>{path} kann nicht geändert werden: korrigieren Sie die Berechtigungen, und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>{path} cannot be changed: {error}; it stays as it was</source>
        <translation>{path} kann nicht geändert werden: {error}; alles bleibt, wie es war</translation>
    </message>
    <message>
        <source>{path} cannot be decrypted: {reason}; then decrypt the gallery again</source>
        <translation>{path} kann nicht entschlüsselt werden: {reason}; entschlüsseln Sie die Galerie danach erneut</translation>
    </message>
    <message>
        <source>{path} cannot be deleted: correct its permissions, then try again</source>
        <translation>{path} kann nicht gelöscht werden: Berichtigen Sie die Zugriffsrechte und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>{path} cannot be deleted: {reason}; no photo was deleted</source>
        <translation>{path} kann nicht gelöscht werden: {reason}; es wurde kein Foto gelöscht</translation>
    </message>
    <message>
        <source>{path} cannot be kept for undo: {reason}; nothing was changed</source>
        <translation>{path} kann zum Rückgängigmachen nicht aufgehoben werden: {reason}; es wurde nichts geändert</translation>
    </message>
    <message>
        <source>{path} cannot be moved back: {reason}; try again</source>
        <translation>{path} kann nicht zurückgelegt werden: {reason}; versuchen Sie es noch einmal</translation>
    </message>
    <message>
        <source>{path} cannot be moved: {reason}; {name} is unchanged</source>
        <translation>{path} kann nicht verschoben werden: {reason}; {name} bleibt unverändert</translation>
    </message>
    <message>
        <source>{path} cannot be quarantined: {reason}; no photo was moved</source>
        <translation>{path} kann nicht in Quarantäne gelegt werden: {reason}; es wurde kein Foto verschoben</translation>
    </message>
    <message>
        <source>{path} cannot be read ({error}): {advice}</source>
        <translation>{path} ist nicht lesbar ({error}): {advice}</translation>
    </message>
    <message>
        <source>{path} cannot be read ({error}); restore it, or move {folder} away and teach again</source>
        <translation>{path} kann nicht gelesen werden ({error}); stellen Sie die Datei wieder her, oder verschieben Sie {folder} und lehren Sie neu</translation>
    </message>
    <message>
        <source>{path} cannot be read ({error}); run {command} again</source>
        <translation>{path} ist nicht lesbar ({error}); führen Sie {command} noch einmal aus</translation>
    </message>
    <message>
        <source>{path} cannot be read ({error}); {advice}</source>
        <translation>{path} ist nicht lesbar ({error}); {advice}</translation>
    </message>
    <message>
        <source>{path} cannot be read as TOML: {error}</source>
        <translation>{path} ist nicht als TOML lesbar: {error}</translation>
    </message>
    <message>
        <source>{path} cannot be read: {error}</source>
        <translation>{path} ist nicht lesbar: {error}</translation>
    </message>
    <message>
        <source>{path} cannot be read: {error}; check its permissions</source>
        <translation>{path} ist nicht lesbar: {error}; prüfen Sie die Zugriffsrechte</translation>
    </message>
    <message>
        <source>{path} cannot be read: {error}; {advice}</source>
        <translation>{path} ist nicht lesbar: {error}; {advice}</translation>
    </message>
    <message>
        <source>{path} cannot be read: {reason}</source>
        <translation>{path} kann nicht gelesen werden: {reason}</translation>
    </message>
    <message>
        <source>{path} cannot be read; check its permissions</source>
        <translation>{path} ist nicht lesbar; prüfen Sie die Zugriffsrechte</translation>
    </message>
    <message>
        <source>{path} cannot be recorded ({kind}: {error}); please report this</source>
        <translation>{path} kann nicht aufgenommen werden ({kind}: {error}); bitte melden Sie das</translation>
    </message>
    <message>
        <source>{path} cannot be recorded with {width} x {height} pixels; use larger images</source>
        <translation>{path} kann nicht mit {width} x {height} Pixeln aufgenommen werden; verwenden Sie größere Bilder</translation>
    </message>
    <message>
        <source>{path} cannot be recorded: the folder {folder} does not exist; create it first</source>
        <translation>{path} kann nicht aufgenommen werden: den Ordner {folder} gibt es nicht; legen Sie ihn zuerst an</translation>
    </message>
    <message>
        <source>{path} cannot be recorded: {error}; name another file</source>
        <translation>{path} kann nicht aufgenommen werden: {error}; nennen Sie eine andere Datei</translation>
    </message>
    <message>
        <source>{path} cannot be removed: {reason}</source>
        <translation>{path} kann nicht entfernt werden: {reason}</translation>
    </message>
    <message>
        <source>{path} cannot be removed: {reason}; {name} is unchanged</source>
        <translation>{path} kann nicht entfernt werden: {reason}; {name} bleibt unverändert</translation>
    </message>
    <message>
        <source>{path} cannot be restored: {reason}; free some space, or make the folder writable, then try again</source>
        <translation>{path} kann nicht wiederhergestellt werden: {reason}; schaffen Sie Platz, oder machen Sie den Ordner beschreibbar, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>{path} cannot be saved: {reason}</source>
        <translation>{path} kann nicht gespeichert werden: {reason}</translation>
    </message>
    <message>
        <source>{path} cannot be saved: {reason}; {name} is unchanged</source>
        <translation>{path} kann nicht gespeichert werden: {reason}; {name} bleibt unverändert</translation>
    </message>
    <message>
        <source>{path} cannot be used ({error}): repair it, then try again</source>
        <translation>{path} ist nicht verwendbar ({error}): Reparieren Sie die Datei, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>{path} cannot be used: {error}</source>
        <translation>{path} ist nicht verwendbar: {error}</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}), so {outcome}; start another recording</source>
        <translation>{path} kann nicht geschrieben werden ({reason}): {outcome}; beginnen Sie eine neue Aufnahme</translation>
    </message>
    <message>
        <source>{path} cannot be written: the folder {folder} does not exist; create it first</source>
        <translation>{path} kann nicht geschrieben werden: den Ordner {folder} gibt es nicht; legen Sie ihn zuerst an</translation>
    </message>
    <message>
        <source>{path} cannot be written: {error}</source>
        <translation>{path} kann nicht geschrieben werden: {error}</translation>
    </message>
    <message>
        <source>{path} cannot be written: {error}; name another file</source>
        <translation>{path} kann nicht geschrieben werden: {error}; nennen Sie eine andere Datei</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}; choose another place with -o</source>
        <translation>{path} kann nicht geschrieben werden: {reason}; wählen Sie mit -o einen anderen Ort</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}; nothing was removed</source>
        <translation>{path} kann nicht geschrieben werden: {reason}; nichts wurde entfernt</translation>
    </message>
    <message>
        <source>{path} contains audio or a cover image but no video; choose a video file</source>
        <translation>{path} enthält Ton oder ein Titelbild, aber kein Video; wählen Sie eine Videodatei</translation>
    </message>
    <message>
        <source>{path} could not be decoded as a video, is damaged or over 8K; choose another file, or convert it to .mp4</source>
        <translation>{path} ist nicht als Video lesbar, beschädigt oder größer als 8K; wählen Sie eine andere Datei, oder wandeln Sie sie in .mp4 um</translation>
    </message>
    <message>
        <source>{path} could not be decoded as an animation; save it again, or convert it to .mp4</source>
        <translation>{path} ist nicht als Animation lesbar; speichern Sie die Datei noch einmal, oder wandeln Sie sie in .mp4 um</translation>
    </message>
    <message>
        <source>{path} does not end in an image suffix; name it .jpg or .png</source>
        <translation>{path} hat nicht die Endung eines Bildes; nennen Sie es .jpg oder .png</translation>
    </message>
    <message>
        <source>{path} does not exist; check the path</source>
        <translation>{path} gibt es nicht; prüfen Sie den Pfad</translation>
    </message>
    <message>
        <source>{path} does not hold the weights of {name}: {error}; delete it and try again</source>
        <translation>{path} enthält nicht die Gewichte von {name}: {error}; löschen Sie die Datei, und versuchen Sie es noch einmal</translation>
    </message>
    <message>
        <source>{path} does not say {names} of the network&apos;s input; add it</source>
        <translation>in {path} fehlt zur Eingabe des Netzes: {names}; ergänzen Sie das</translation>
    </message>
    <message>
        <source>{path} exists again and would be overwritten: move it, then try again</source>
        <translation>{path} gibt es wieder und würde überschrieben: Verschieben Sie die Datei, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>{path} exists; name another file, or add --overwrite to replace it</source>
        <translation>{path} gibt es schon; nennen Sie eine andere Datei, oder ersetzen Sie sie mit --overwrite</translation>
    </message>
    <message>
        <source>{path} has another name on this disk (a hard link): delete that too</source>
        <translation>{path} hat auf diesem Datenträger einen weiteren Namen (Hardlink): Löschen Sie auch diesen</translation>
    </message>
    <message>
        <source>{path} has changed while it was processed; run the command again</source>
        <translation>{path} hat sich während der Verarbeitung geändert; starten Sie den Befehl noch einmal</translation>
    </message>
    <message>
        <source>{path} has format {version}, this facecam reads {known}: update facecam or move the file</source>
        <translation>{path} hat das Format {version}, dieses facecam liest {known}: Aktualisieren Sie facecam, oder verschieben Sie die Datei</translation>
    </message>
    <message>
        <source>{path} has recipe, base, weights, sha256 or figures of the wrong kind; {advice}</source>
        <translation>in {path} haben recipe, base, weights, sha256 oder figures den falschen Typ; {advice}</translation>
    </message>
    <message>
        <source>{path} has something else than events, so that none are appended; name another file</source>
        <translation>{path} enthält etwas anderes als Ereignisse, deshalb werden keine angehängt; nennen Sie eine andere Datei</translation>
    </message>
    <message>
        <source>{path} has {names}, which is unknown; expected {expected}</source>
        <translation>{path} enthält {names}, das ist unbekannt; erwartet: {expected}</translation>
    </message>
    <message>
        <source>{path} has {width} x {height} pixels, too many for an animation; make it smaller</source>
        <translation>{path} hat {width} x {height} Pixel, zu viele für eine Animation; verkleinern Sie sie</translation>
    </message>
    <message>
        <source>{path} is a folder; choose another name</source>
        <translation>{path} ist ein Ordner; wählen Sie einen anderen Namen</translation>
    </message>
    <message>
        <source>{path} is a link, which an encrypted gallery cannot have; copy its files into the gallery, then try again</source>
        <translation>{path} ist eine Verknüpfung, die eine verschlüsselte Galerie nicht enthalten kann; kopieren Sie ihre Dateien in die Galerie und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>{path} is a list of other files, or of a format that facecam does not open; choose the video file itself</source>
        <translation>{path} ist eine Liste anderer Dateien oder hat ein Format, das facecam nicht öffnet; wählen Sie die Videodatei selbst</translation>
    </message>
    <message>
        <source>{path} is a text file, not a video; choose a file such as .mp4, .mkv, .mov or .avi</source>
        <translation>{path} ist eine Textdatei und kein Video; wählen Sie eine Datei wie .mp4, .mkv, .mov oder .avi</translation>
    </message>
    <message>
        <source>{path} is an input of this command; name another file</source>
        <translation>{path} ist eine Eingabe dieses Befehls; nennen Sie eine andere Datei</translation>
    </message>
    <message>
        <source>{path} is another file now and would be overwritten: move it, then try again</source>
        <translation>{path} ist jetzt eine andere Datei und würde überschrieben: Verschieben Sie sie, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>{path} is damaged ({error}): repair or delete it, then try again</source>
        <translation>{path} ist beschädigt ({error}): Reparieren oder löschen Sie die Datei, und versuchen Sie es dann noch einmal</translation>
    </message>
    <message>
        <source>{path} is damaged ({error}); restore it, or move {folder} away and teach again</source>
        <translation>{path} ist beschädigt ({error}); stellen Sie die Datei wieder her, oder verschieben Sie {folder} und lehren Sie neu</translation>
    </message>
    <message>
        <source>{path} is damaged, and its folder&apos;s name would be lost; repair or delete it, then try again</source>
        <translation>{path} ist beschädigt, und der Name des Ordners ginge verloren; reparieren oder löschen Sie die Datei und versuchen Sie es erneut</translation>
    </message>
    <message>
        <source>{path} is damaged, and without it the gallery cannot be decrypted; restore this file from a backup</source>
        <translation>{path} ist beschädigt, und ohne diese Datei kann die Galerie nicht entschlüsselt werden; stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>{path} is damaged: its SHA-256 is not the one in {index}; restore it, or teach again elsewhere</source>
        <translation>{path} ist beschädigt: Die SHA-256 ist nicht die in {index}; stellen Sie die Datei wieder her, oder lehren Sie in einem anderen Ordner neu</translation>
    </message>
    <message>
        <source>{path} is damaged: {error}; delete it and run the command again</source>
        <translation>{path} ist beschädigt: {error}; löschen Sie die Datei und starten Sie den Befehl noch einmal</translation>
    </message>
    <message>
        <source>{path} is empty; copy it again from the original</source>
        <translation>{path} ist leer; kopieren Sie die Datei noch einmal vom Original</translation>
    </message>
    <message>
        <source>{path} is encoded in a format that cannot be decoded; convert it to .mp4 with H.264</source>
        <translation>{path} hat ein Format, das nicht lesbar ist; wandeln Sie die Datei in .mp4 mit H.264 um</translation>
    </message>
    <message>
        <source>{path} is in the folder {source}, which this command reads; name another file</source>
        <translation>{path} liegt im Ordner {source}, den dieser Befehl liest; nennen Sie eine andere Datei</translation>
    </message>
    <message>
        <source>{path} is incomplete: its end, with the index of the frames, is missing; copy it or download it again</source>
        <translation>{path} ist unvollständig: das Ende mit dem Verzeichnis der Bilder fehlt; kopieren Sie die Datei, oder laden Sie sie noch einmal herunter</translation>
    </message>
    <message>
        <source>{path} is missing, so the gallery cannot be decrypted or changed; restore this file from a backup</source>
        <translation>{path} fehlt, daher kann die Galerie weder entschlüsselt noch geändert werden; stellen Sie diese Datei aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>{path} is not UTF-8 text; save it with this encoding</source>
        <translation>{path} ist kein Text in UTF-8; speichern Sie die Datei in dieser Kodierung</translation>
    </message>
    <message>
        <source>{path} is not a Parquet file, or is damaged: {error}; use the original file</source>
        <translation>{path} ist keine Parquet-Datei oder beschädigt: {error}; verwenden Sie die ursprüngliche Datei</translation>
    </message>
    <message>
        <source>{path} is not a facecam log: its first columns should be {columns}; use a file that `facecam process` or `facecam log export` wrote</source>
        <translation>{path} ist kein Protokoll von facecam: Die ersten Spalten müssten {columns} sein; verwenden Sie eine Datei, die `facecam process` oder `facecam log export` geschrieben hat</translation>
    </message>
    <message>
        <source>{path} is not a facecam log: its first line should begin with {beginning}; use a file that `run` wrote</source>
        <translation>{path} ist kein Protokoll von facecam, die erste Zeile müsste mit {beginning} beginnen; verwenden Sie eine Datei, die `run` geschrieben hat</translation>
    </message>
    <message>
        <source>{path} is not of format {format}; a newer version of facecam wrote it: install that version</source>
        <translation>{path} hat nicht das Format {format}; die Datei stammt von einer neueren Version von facecam: installieren Sie diese Version</translation>
    </message>
    <message>
        <source>{path} is not used: {problem}; if you trust it, run `facecam models accept {folder}`, otherwise move {folder} away and teach again</source>
        <translation>{path} wird nicht verwendet: {problem}; wenn Sie der Datei vertrauen, führen Sie `facecam models accept {folder}` aus, sonst verschieben Sie {folder} und lehren Sie neu</translation>
    </message>
    <message>
        <source>{path} is not used: {problem}; if you trust it, run `facecam models accept {name}`, otherwise {advice}</source>
        <translation>{path} wird nicht verwendet: {problem}; wenn Sie der Datei vertrauen, führen Sie `facecam models accept {name}` aus, sonst: {advice}</translation>
    </message>
    <message>
        <source>{path} is {noun}</source>
        <translation>{path} ist {noun}</translation>
    </message>
    <message>
        <source>{path} may show the person: watch it, and delete it if it does</source>
        <translation>{path} kann die Person zeigen: sehen Sie das Video an, und löschen Sie es gegebenenfalls</translation>
    </message>
    <message>
        <source>{path} names {count} classes, expected {expected}; install facecam again</source>
        <translation>{path} nennt {count} Klassen, erwartet werden {expected}; installieren Sie facecam neu</translation>
    </message>
    <message>
        <source>{path} names {weights!r} and {count} labels, which does not describe a network; {advice}</source>
        <translation>{path} nennt {weights!r} und {count} Bezeichnungen, das beschreibt kein Netz; {advice}</translation>
    </message>
    <message>
        <source>{path} no longer exists, so the change cannot be undone</source>
        <translation>{path} gibt es nicht mehr, daher lässt sich die Änderung nicht rückgängig machen</translation>
    </message>
    <message>
        <source>{path} states more than {limit:.0f} million frames and audio packets, so its index is damaged or too long; cut the video into parts</source>
        <translation>{path} gibt mehr als {limit:.0f} Millionen Bilder und Tonpakete an, also ist das Verzeichnis beschädigt oder zu lang; teilen Sie das Video</translation>
    </message>
    <message>
        <source>{path} was given up because the process that read it ended twice; convert it to .mp4</source>
        <translation>{path} wurde aufgegeben, weil der Prozess, der die Datei las, zweimal endete; wandeln Sie sie in .mp4 um</translation>
    </message>
    <message>
        <source>{path} was not deleted: delete it yourself</source>
        <translation>{path} wurde nicht gelöscht: löschen Sie es selbst</translation>
    </message>
    <message>
        <source>{path} was saved by a spreadsheet, which changed separators, dates and numbers; use the original file that `facecam run` wrote</source>
        <translation>{path} wurde von einer Tabellenkalkulation gespeichert, die Trennzeichen, Daten und Zahlen verändert hat; verwenden Sie die Originaldatei, die `facecam run` geschrieben hat</translation>
    </message>
    <message>
        <source>{path}, line {line}</source>
        <translation>{path}, Zeile {line}</translation>
    </message>
    <message>
        <source>{path}: 1 damaged line is left out: {lines} (line {line}: {reason})</source>
        <translation>{path}: 1 beschädigte Zeile wird ausgelassen: {lines} (Zeile {line}: {reason})</translation>
    </message>
    <message>
        <source>{path}: landmarks_xy is {value}, expected {expected}</source>
        <translation>{path}: landmarks_xy ist {value}, erwartet: {expected}</translation>
    </message>
    <message>
        <source>{path}: {count} damaged lines are left out: {lines} (line {line}: {reason})</source>
        <translation>{path}: {count} beschädigte Zeilen werden ausgelassen: {lines} (Zeile {line}: {reason})</translation>
    </message>
    <message>
        <source>{path}: {name} is {value!r}, expected {expected}</source>
        <translation>{path}: {name} ist {value!r}, erwartet: {expected}</translation>
    </message>
    <message>
        <source>{path}: {section} is not a section; write its settings below [{section}]</source>
        <translation>{path}: {section} ist kein Abschnitt; schreiben Sie seine Einstellungen unter [{section}]</translation>
    </message>
    <message>
        <source>{photos} show different people ({distance:.2f} apart, one person at most {limit:.2f})</source>
        <translation>{photos} zeigen verschiedene Personen (Abstand {distance:.2f}, bei einer Person höchstens {limit:.2f})</translation>
    </message>
    <message>
        <source>{problem}: correct the names in the photos</source>
        <translation>{problem}: Berichtigen Sie die Namen in den Fotos</translation>
    </message>
    <message>
        <source>{problem}: cut it to one person, or use --force if they are one person</source>
        <translation>{problem}: Schneiden Sie es auf eine Person zu, oder verwenden Sie --force, wenn es eine Person ist</translation>
    </message>
    <message>
        <source>{problem}: enroll them under two names, or use --force if they are one person</source>
        <translation>{problem}: Lernen Sie sie unter zwei Namen ein, oder verwenden Sie --force, wenn es eine Person ist</translation>
    </message>
    <message>
        <source>{problem}: put each person&apos;s photos into a folder, or use `facecam enroll --force` if they are one person</source>
        <translation>{problem}: Legen Sie die Fotos jeder Person in einen eigenen Ordner, oder verwenden Sie `facecam enroll --force`, wenn es eine Person ist</translation>
    </message>
    <message>
        <source>{source} cannot be read as a folder or ZIP file: {reason}</source>
        <translation>{source} kann nicht als Ordner oder ZIP-Datei gelesen werden: {reason}</translation>
    </message>
    <message>
        <source>{source} cannot be read as a folder or ZIP file; if it is one, its end is missing or damaged: copy it or download it again</source>
        <translation>{source} kann nicht als Ordner oder ZIP-Datei gelesen werden; wenn es eine ZIP-Datei ist, fehlt ihr Ende oder ist beschädigt: Kopieren Sie sie neu, oder laden Sie sie noch einmal herunter</translation>
    </message>
    <message>
        <source>{source} contains no frame; choose another source</source>
        <translation>{source} enthält kein Bild; wählen Sie eine andere Quelle</translation>
    </message>
    <message>
        <source>{source} delivers only damaged images; check the cable, or try another USB port or a smaller image size</source>
        <translation>{source} liefert nur beschädigte Bilder; prüfen Sie das Kabel, oder versuchen Sie einen anderen USB-Anschluss oder eine kleinere Bildgröße</translation>
    </message>
    <message>
        <source>{source} does not answer; check its cable and power</source>
        <translation>{source} antwortet nicht; prüfen Sie Kabel und Stromversorgung</translation>
    </message>
    <message>
        <source>{source} does not exist: name a folder or ZIP file; nothing was imported</source>
        <translation>{source} gibt es nicht: Nennen Sie einen Ordner oder eine ZIP-Datei; es wurde nichts importiert</translation>
    </message>
    <message>
        <source>{source} ends at {end_s:.1f} s, before the start of the segment at {from_s:g} s; choose an earlier start</source>
        <translation>{source} endet bei {end_s:.1f} s, vor dem Anfang des Abschnitts bei {from_s:g} s; wählen Sie einen früheren Anfang</translation>
    </message>
    <message>
        <source>{source} failed inside ({name}); start it again and please report this</source>
        <translation>{source} ist durch einen internen Fehler ausgefallen ({name}); starten Sie die Quelle neu, und bitte melden Sie das</translation>
    </message>
    <message>
        <source>{source} has more than {limit} files or {limit_gb} GB: import it in parts</source>
        <translation>{source} hat mehr als {limit} Dateien oder {limit_gb} GB: Importieren Sie in Teilen</translation>
    </message>
    <message>
        <source>{source} has more than {limit} files: import it in parts</source>
        <translation>{source} hat mehr als {limit} Dateien: Importieren Sie in Teilen</translation>
    </message>
    <message>
        <source>{source} has no folders with photos: add one folder for each person, named like the person</source>
        <translation>{source} hat keine Ordner mit Fotos: Legen Sie für jede Person einen Ordner mit ihrem Namen an</translation>
    </message>
    <message>
        <source>{source} has no frame between {from_s:g} and {to_s:g} s; choose other times</source>
        <translation>{source} hat zwischen {from_s:g} und {to_s:g} s kein Bild; wählen Sie andere Zeiten</translation>
    </message>
    <message>
        <source>{source} has no photo in which a face has a name: let your photo manager write the names into the photos</source>
        <translation>{source} hat kein Foto, in dem ein Gesicht einen Namen hat: Lassen Sie Ihre Fotoverwaltung die Namen in die Fotos schreiben</translation>
    </message>
    <message>
        <source>{source} has stopped after {count} frames, before the video&apos;s end; check the network</source>
        <translation>{source} hat nach {count} Bildern aufgehört, vor dem Ende des Videos; prüfen Sie das Netzwerk</translation>
    </message>
    <message>
        <source>{source} has stopped delivering after {count} frames; {advice}</source>
        <translation>{source} liefert nach {count} Bildern nichts mehr; {advice}</translation>
    </message>
    <message>
        <source>{source} is closed</source>
        <translation>{source} ist geschlossen</translation>
    </message>
    <message>
        <source>{source} is damaged: its entries overlap; nothing was imported</source>
        <translation>{source} ist beschädigt: Einträge überschneiden sich; es wurde nichts importiert</translation>
    </message>
    <message>
        <source>{source} is encrypted: unpack it, then import the folder</source>
        <translation>{source} ist verschlüsselt: Entpacken Sie die Datei, und importieren Sie dann den Ordner</translation>
    </message>
    <message>
        <source>{source} opens but delivers no image; {advice}</source>
        <translation>{source} lässt sich öffnen, liefert aber kein Bild; {advice}</translation>
    </message>
    <message>
        <source>{source} repeats the same image; it is opened again. If that does not help, replug it</source>
        <translation>{source} wiederholt dasselbe Bild und wird neu geöffnet. Hilft das nicht, stecken Sie die Kamera aus und wieder ein</translation>
    </message>
    <message>
        <source>{source} shows only black; open its cover and check that this program may use it</source>
        <translation>{source} zeigt nur Schwarz; öffnen Sie die Abdeckung, und prüfen Sie, ob dieses Programm die Kamera verwenden darf</translation>
    </message>
    <message>
        <source>{subject} damaged: {path} has SHA-256 {found}, expected {expected}; {advice}</source>
        <translation>{subject} beschädigt, {path} hat SHA-256 {found}, erwartet: {expected}; {advice}</translation>
    </message>
    <message>
        <source>{subject} damaged: {path} has {size} bytes, expected {expected}; {advice}</source>
        <translation>{subject} beschädigt, {path} hat {size} Bytes, erwartet: {expected}; {advice}</translation>
    </message>
    <message>
        <source>{subject} missing: {path}; {advice}</source>
        <translation>{subject} {path} fehlt; {advice}</translation>
    </message>
    <message>
        <source>{subject} unreadable: {path} ({error}); {advice}</source>
        <translation>{subject} {path} ist nicht lesbar ({error}); {advice}</translation>
    </message>
    <message>
        <source>{target} exists; choose another name</source>
        <translation>{target} gibt es schon; wählen Sie einen anderen Namen</translation>
    </message>
    <message>
        <source>{target} is in the gallery; choose a name outside of it</source>
        <translation>{target} liegt in der Galerie; wählen Sie einen Ort außerhalb</translation>
    </message>
    <message>
        <source>{text!r} cannot be a label; use 1 to {limit} printable characters</source>
        <translation>{text!r} ist als Bezeichnung nicht möglich; verwenden Sie 1 bis {limit} druckbare Zeichen</translation>
    </message>
    <message>
        <source>{text!r} cannot be used as a name: it has no visible character; write at least one letter</source>
        <translation>{text!r} ist als Name nicht möglich, weil kein Zeichen sichtbar ist; geben Sie mindestens einen Buchstaben ein</translation>
    </message>
    <message>
        <source>{text!r} cannot be used as a name: remove the unprintable character U+{code:04X}</source>
        <translation>{text!r} ist als Name nicht möglich: Entfernen Sie das nicht druckbare Zeichen U+{code:04X}</translation>
    </message>
    <message>
        <source>{text!r} happens twice or not at all, because the clocks change; write it with a zone, such as 2026-10-25T02:30:00+01:00</source>
        <translation>{text!r} gibt es wegen der Zeitumstellung zweimal oder gar nicht; schreiben Sie die Zeitzone dazu, zum Beispiel 2026-10-25T02:30:00+01:00</translation>
    </message>
    <message>
        <source>{text!r} is not a time; minutes and seconds after a colon go up to 59</source>
        <translation>{text!r} ist keine Zeit; Minuten und Sekunden nach einem Doppelpunkt gehen bis 59</translation>
    </message>
    <message>
        <source>{text!r} is not a time; write seconds, minutes:seconds or hours:minutes:seconds: 90, 1:30, 1:02:03.5</source>
        <translation>{text!r} ist keine Zeit; schreiben Sie Sekunden, Minuten:Sekunden oder Stunden:Minuten:Sekunden: 90, 1:30, 1:02:03.5</translation>
    </message>
    <message>
        <source>{text!r} is not a time; {expected}</source>
        <translation>{text!r} ist keine Zeit; {expected}</translation>
    </message>
    <message>
        <source>{text!r} is outside the years 1970 to 2899; {expected}</source>
        <translation>{text!r} liegt außerhalb der Jahre 1970 bis 2899; {expected}</translation>
    </message>
    <message>
        <source>{text} is not a regular file, but a pipe, socket or device; give a video file, an image or a folder</source>
        <translation>{text} ist keine gewöhnliche Datei, sondern eine Pipe, ein Socket oder ein Gerät; nennen Sie eine Videodatei, ein Bild oder einen Ordner</translation>
    </message>
    <message>
        <source>{text}; no row is left; if a spreadsheet saved the file, use the original that `facecam run` wrote: spreadsheets change dates and numbers</source>
        <translation>{text}; keine Zeile bleibt übrig; wenn eine Tabellenkalkulation die Datei gespeichert hat, verwenden Sie das Original, das `facecam run` geschrieben hat: Tabellenkalkulationen ändern Daten und Zahlen</translation>
    </message>
    <message>
        <source>{value!r} cannot be the value of the session label {name}; use 1 to 100 characters without ; and = in one line</source>
        <translation>{value!r} ist als Wert des Merkmals {name} nicht möglich; verwenden Sie 1 bis 100 Zeichen ohne ; und = in einer Zeile</translation>
    </message>
    <message>
        <source>{weights} do not fit the network {name} at {variable}; use weights of this network</source>
        <translation>{weights} passen bei {variable} nicht zum Netz {name}; verwenden Sie Gewichte dieses Netzes</translation>
    </message>
    <message>
        <source>{weights} hold {surplus}, which the network {name} does not have; use weights of this network</source>
        <translation>{weights} enthalten {surplus}, das gibt es im Netz {name} nicht; verwenden Sie Gewichte dieses Netzes</translation>
    </message>
    <message>
        <source>{width} x {height} px, a face needs {limit:.0f}</source>
        <translation>{width} x {height} px, ein Gesicht braucht {limit:.0f}</translation>
    </message>
</context>
<context>
    <name>ExplanationPanel</name>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>To explain a decision, click a face or a person&apos;s card and choose “Why?”.</source>
        <translation>Um eine Entscheidung zu erklären, klicken Sie auf ein Gesicht oder die Karte einer Person und wählen Sie „Warum?“.</translation>
    </message>
    <message>
        <source>Quality required for a comparison</source>
        <translation>Anforderungen für einen Vergleich</translation>
    </message>
    <message>
        <source>Free&amp;ze</source>
        <translation>&amp;Festhalten</translation>
    </message>
    <message>
        <source>Stop updating this explanation</source>
        <translation>Diese Erklärung nicht mehr aktualisieren</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>No longer here. Last seen at {time}.</source>
        <translation>Nicht mehr da. Zuletzt gesehen um {time}.</translation>
    </message>
    <message>
        <source>Currently not compared. {why}</source>
        <translation>Wird gerade nicht verglichen. {why}</translation>
    </message>
    <message>
        <source>Seen at {time}</source>
        <translation>Gesehen um {time}</translation>
    </message>
    <message>
        <source>Seen at {time}, not compared</source>
        <translation>Gesehen um {time}, nicht verglichen</translation>
    </message>
    <message>
        <source>No photo to compare with</source>
        <translation>Kein Foto zum Vergleichen</translation>
    </message>
    <message>
        <source>Nearest photo of {name}</source>
        <translation>Nächstes Foto von {name}</translation>
    </message>
    <message>
        <source>Unreadable photo of {name}</source>
        <translation>Nicht lesbares Foto von {name}</translation>
    </message>
</context>
<context>
    <name>FaceMenu</name>
    <message>
        <source>&amp;Name this person…</source>
        <translation>&amp;Person benennen …</translation>
    </message>
    <message>
        <source>This is no&amp;t {name}</source>
        <translation>Das ist &amp;nicht {name}</translation>
    </message>
    <message>
        <source>Only while the face is visible</source>
        <translation>Nur solange das Gesicht zu sehen ist</translation>
    </message>
    <message>
        <source>&amp;Why?</source>
        <translation>&amp;Warum?</translation>
    </message>
    <message>
        <source>&amp;Enroll with more photos…</source>
        <translation>Mit weiteren Fotos &amp;einlernen …</translation>
    </message>
    <message>
        <source>Notify &amp;me when {name} appears</source>
        <translation>&amp;Benachrichtigen, wenn {name} erscheint</translation>
    </message>
</context>
<context>
    <name>FaceSelector</name>
    <message>
        <source>Faces in this photo</source>
        <translation>Gesichter in diesem Foto</translation>
    </message>
    <message>
        <source>Face {number} of {count}, from left to right</source>
        <translation>Gesicht {number} von {count}, von links nach rechts</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <translation>{minutes} min {seconds} s</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} min</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} h {minutes} min</translation>
    </message>
</context>
<context>
    <name>FindingsView</name>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Back to the photos</source>
        <translation>Zurück zu den Fotos</translation>
    </message>
    <message>
        <source>Photos with findings: {count}. Photos that harm recognition are checked. Quarantine takes them out of use without deleting them.</source>
        <translation>Fotos mit Befund: {count}. Fotos, die der Erkennung schaden, sind angekreuzt. In Quarantäne werden sie nicht mehr benutzt, aber auch nicht gelöscht.</translation>
    </message>
    <message>
        <source>All photos are good.</source>
        <translation>Alle Fotos sind gut.</translation>
    </message>
    <message>
        <source>Restore the photos quarantined last: {count}</source>
        <translation>Zuletzt in Quarantäne gelegte Fotos wiederherstellen: {count}</translation>
    </message>
    <message>
        <source>{name}: {file}</source>
        <translation>{name}: {file}</translation>
    </message>
    <message>
        <source>{reason}; kept</source>
        <translation>{reason}; bleibt</translation>
    </message>
    <message>
        <source>Quarantine: {count}</source>
        <translation>In Quarantäne: {count}</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>after quarantine</source>
        <translation>nach der Quarantäne</translation>
    </message>
    <message>
        <source>Photos in use</source>
        <translation>Benutzte Fotos</translation>
    </message>
    <message>
        <source>Photos that the others name correctly</source>
        <translation>Fotos, die die anderen richtig benennen</translation>
    </message>
    <message>
        <source>Photos that the others name incorrectly</source>
        <translation>Fotos, die die anderen falsch benennen</translation>
    </message>
    <message>
        <source>Photos that the others leave unnamed</source>
        <translation>Fotos, die die anderen nicht benennen</translation>
    </message>
    <message>
        <source>Median distance within a person</source>
        <translation>Median der Abstände innerhalb einer Person</translation>
    </message>
    <message>
        <source>Median distance between people</source>
        <translation>Median der Abstände zwischen Personen</translation>
    </message>
</context>
<context>
    <name>FirstRunPage</name>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Your face</source>
        <translation>Ihr Gesicht</translation>
    </message>
    <message>
        <source>Recognized</source>
        <translation>Erkannt</translation>
    </message>
    <message>
        <source>Read facial expressions. Switch this off at work and in education, where the EU prohibits inferring emotions, with few exceptions.</source>
        <translation>Gesichtsausdruck erkennen. Schalten Sie dies bei der Arbeit und in Bildungseinrichtungen aus: Dort verbietet die EU bis auf wenige Ausnahmen, auf Gefühle zu schließen.</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Open a fi&amp;le…</source>
        <translation>Datei ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>Sea&amp;rch again</source>
        <translation>&amp;Erneut suchen</translation>
    </message>
    <message>
        <source>Which camera?</source>
        <translation>Welche Kamera?</translation>
    </message>
    <message>
        <source>{name} is enrolled. When the camera sees this face, the name appears next to it.</source>
        <translation>{name} ist eingelernt. Sobald die Kamera dieses Gesicht sieht, erscheint der Name daneben.</translation>
    </message>
    <message>
        <source>Look into the camera</source>
        <translation>In die Kamera sehen</translation>
    </message>
    <message>
        <source>St&amp;art</source>
        <translation>&amp;Loslegen</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>S&amp;chließen</translation>
    </message>
    <message>
        <source>S&amp;kip the first steps</source>
        <translation>Erste &amp;Schritte überspringen</translation>
    </message>
    <message>
        <source>Sk&amp;ip this step</source>
        <translation>Diesen &amp;Schritt überspringen</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Connect a camera; it appears here automatically. Or open a video or an image, or try the demo.</source>
        <translation>Schließen Sie eine Kamera an; sie erscheint hier von selbst. Oder öffnen Sie ein Video oder ein Bild, oder sehen Sie sich die Vorführung an.</translation>
    </message>
    <message>
        <source>Choose a camera. Its video appears right away.</source>
        <translation>Bitte eine Kamera wählen. Ihr Bild ist sofort zu sehen.</translation>
    </message>
    <message>
        <source>Hello, {name}</source>
        <translation>Hallo, {name}</translation>
    </message>
    <message>
        <source>Setup is complete. Press ? at any time to see the keyboard shortcuts.</source>
        <translation>Die Einrichtung ist fertig. Die Taste ? zeigt jederzeit alle Tastenkürzel.</translation>
    </message>
</context>
<context>
    <name>FolderRow</name>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Choose a folder: {what}</source>
        <translation>Ordner wählen: {what}</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open folder: {what}</source>
        <translation>Ordner öffnen: {what}</translation>
    </message>
</context>
<context>
    <name>ForgetPanel</name>
    <message>
        <source>Replace the name in logs by a pseudonym</source>
        <translation>Den Namen in Protokollen durch ein Pseudonym ersetzen</translation>
    </message>
    <message>
        <source>Keep the name in logs</source>
        <translation>Den Namen in Protokollen behalten</translation>
    </message>
    <message>
        <source>The running session ends first. A new one starts afterward.</source>
        <translation>Die laufende Sitzung wird zuerst beendet. Danach beginnt eine neue.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Forget {name}?</source>
        <translation>{name} vergessen?</translation>
    </message>
    <message>
        <source>This deletes the person&apos;s folder ({content}), images of this person in the folders of other people, all data computed from them, and the name in trained networks, taught objects and notifications. Then all files of facecam are searched for what is left. Recordings, snapshots, reports, exported files and backups are not changed. This cannot be undone, and then neither can earlier changes on this page.</source>
        <translation>Dies löscht den Ordner der Person ({content}), Bilder dieser Person in den Ordnern anderer, alle daraus berechneten Daten und den Namen in trainierten Netzen, gelehrten Gegenständen und Benachrichtigungen. Danach werden alle Dateien von facecam nach Resten durchsucht. Aufnahmen, Schnappschüsse, Berichte, exportierte Dateien und Sicherungskopien ändern sich nicht. Dies und frühere Änderungen auf dieser Seite lassen sich dann nicht mehr rückgängig machen.</translation>
    </message>
</context>
<context>
    <name>ForgetResultView</name>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Back to the gallery</source>
        <translation>Zurück zur Galerie</translation>
    </message>
    <message>
        <source>{name} is forgotten.</source>
        <translation>{name} ist vergessen.</translation>
    </message>
    <message>
        <source>{name} is removed, but the search is not clean.</source>
        <translation>{name} ist entfernt, aber die Suche hat noch etwas ergeben.</translation>
    </message>
    <message>
        <source>Removed or changed:</source>
        <translation>Entfernt oder geändert:</translation>
    </message>
    <message>
        <source>Found by the search. Delete these files yourself:</source>
        <translation>Bei der Suche gefunden. Löschen Sie diese Dateien selbst:</translation>
    </message>
    <message>
        <source>Kept. They may be about this person:</source>
        <translation>Behalten. Diese Dateien können die Person betreffen:</translation>
    </message>
    <message>
        <source>Not searched: backups, files that were exported or copied, other galleries, logs in other folders, the contents of recordings and snapshots, and other windows of facecam that are open.</source>
        <translation>Nicht durchsucht: Sicherungskopien, exportierte oder kopierte Dateien, andere Galerien, Protokolle in anderen Ordnern, der Inhalt von Aufnahmen und Schnappschüssen und andere geöffnete Fenster von facecam.</translation>
    </message>
    <message>
        <source>Searched {files} files ({size}) for the name, the id, the photos and the embeddings:</source>
        <translation>{files} Dateien ({size}) nach Name, Kennung, Fotos und Embeddings durchsucht:</translation>
    </message>
    <message>
        <source>files with traces: {count}.</source>
        <translation>Dateien mit Spuren: {count}.</translation>
    </message>
    <message>
        <source>nothing was found.</source>
        <translation>nichts gefunden.</translation>
    </message>
    <message>
        <source>Files that could not be read: {count}.</source>
        <translation>Nicht lesbare Dateien: {count}.</translation>
    </message>
    <message>
        <source>name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>id</source>
        <translation>Kennung</translation>
    </message>
    <message>
        <source>digest of a photo</source>
        <translation>Prüfsumme eines Fotos</translation>
    </message>
    <message>
        <source>embedding</source>
        <translation>Embedding</translation>
    </message>
    <message>
        <source>face</source>
        <translation>Gesicht</translation>
    </message>
    <message>
        <source>{path} could not be read</source>
        <translation>{path} konnte nicht gelesen werden</translation>
    </message>
    <message>
        <source>and {number} more</source>
        <translation>und {number} weitere</translation>
    </message>
    <message>
        <source>The result was copied.</source>
        <translation>Das Ergebnis wurde kopiert.</translation>
    </message>
</context>
<context>
    <name>GalleryCommands</name>
    <message>
        <source>Undone: {command}</source>
        <translation>Rückgängig gemacht: {command}</translation>
    </message>
    <message>
        <source>These files could not be deleted. Delete them yourself: {files}</source>
        <translation>Diese Dateien konnten nicht gelöscht werden. Löschen Sie sie selbst: {files}</translation>
    </message>
    <message>
        <source>Renamed {before} to {now}.</source>
        <translation>{before} heißt jetzt {now}.</translation>
    </message>
    <message>
        <source>Removed {name} ({content}).</source>
        <translation>{name} wurde entfernt ({content}).</translation>
    </message>
    <message>
        <source>Recorded the consent of {name}.</source>
        <translation>Die Einwilligung von {name} wurde vermerkt.</translation>
    </message>
    <message>
        <source>Withdrew the consent of {name}.</source>
        <translation>Die Einwilligung von {name} wurde widerrufen.</translation>
    </message>
    <message>
        <source>Removed photos of {name}: {count}.</source>
        <translation>Entfernte Fotos von {name}: {count}.</translation>
    </message>
    <message>
        <source>Merged {name} into {into}. Moved photos: {count}.</source>
        <translation>{name} wurde mit {into} zusammengeführt. Verschobene Fotos: {count}.</translation>
    </message>
    <message>
        <source>Quarantined photos: {count}.</source>
        <translation>Fotos in Quarantäne: {count}.</translation>
    </message>
    <message>
        <source>Restored photos: {count}.</source>
        <translation>Wiederhergestellte Fotos: {count}.</translation>
    </message>
    <message>
        <source>Added photos for {name}: {count}.</source>
        <translation>Hinzugefügte Fotos für {name}: {count}.</translation>
    </message>
    <message>
        <source>photos: {count}</source>
        <translation>Fotos: {count}</translation>
    </message>
    <message>
        <source>quarantined photos: {count}</source>
        <translation>Fotos in Quarantäne: {count}</translation>
    </message>
    <message>
        <source>faces marked as someone else: {count}</source>
        <translation>als andere Person markierte Gesichter: {count}</translation>
    </message>
</context>
<context>
    <name>GalleryPage</name>
    <message>
        <source>Search names</source>
        <translation>Namen suchen</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>No people</source>
        <translation>Keine Personen</translation>
    </message>
    <message>
        <source>Enroll a person</source>
        <translation>Person einlernen</translation>
    </message>
    <message>
        <source>Check all photos</source>
        <translation>Alle Fotos prüfen</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>No photos. Drop some here, or add some with the button above.</source>
        <translation>Keine Fotos. Fotos hierher ziehen oder mit der Schaltfläche oben hinzufügen.</translation>
    </message>
    <message>
        <source>Quarantine photos</source>
        <translation>Fotos in Quarantäne</translation>
    </message>
    <message>
        <source>Remove photos</source>
        <translation>Fotos entfernen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Open gallery folder</source>
        <translation>Galerieordner öffnen</translation>
    </message>
    <message>
        <source>Folder: {path}</source>
        <translation>Ordner: {path}</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Loading the gallery…</source>
        <translation>Die Galerie wird geladen …</translation>
    </message>
    <message>
        <source>No one is enrolled yet. Enroll a person with the camera or from photos, or create a folder with the person&apos;s name and put photos in it.</source>
        <translation>Noch ist niemand eingelernt. Sie können eine Person mit der Kamera oder aus Fotos einlernen oder einen Ordner mit ihrem Namen anlegen und Fotos hineinlegen.</translation>
    </message>
    <message>
        <source>Merging needs a second person besides {name}.</source>
        <translation>Zum Zusammenführen braucht es außer {name} eine zweite Person.</translation>
    </message>
    <message>
        <source>Export person</source>
        <translation>Person exportieren</translation>
    </message>
    <message>
        <source>Checking photos for {name}…</source>
        <translation>Fotos für {name} werden geprüft …</translation>
    </message>
    <message>
        <source>Checking all photos…</source>
        <translation>Alle Fotos werden geprüft …</translation>
    </message>
</context>
<context>
    <name>GalleryQuestions</name>
    <message>
        <source>Remove {name}? This deletes the folder with everything in it ({content}) and all data computed from it. Logs keep the name. You can undo this while this page is open.</source>
        <translation>{name} entfernen? Der Ordner wird mit allem darin gelöscht ({content}), ebenso alle daraus berechneten Daten. In Protokollen bleibt der Name. Solange diese Seite offen ist, lässt es sich rückgängig machen.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Everything in the folder of {name} moves to {into}, who will have {count} photos. The name {name} is removed, and so are marks that one of the two is not the other. You can undo this while this page is open.</source>
        <translation>Alles im Ordner von {name} geht an {into}; dort sind es dann {count} Fotos. Der Name {name} verschwindet, ebenso jede Markierung, dass die beiden nicht dieselbe Person sind. Solange diese Seite offen ist, lässt es sich rückgängig machen.</translation>
    </message>
    <message>
        <source>{name} is the same person as</source>
        <translation>{name} ist dieselbe Person wie</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>Zusammenführen</translation>
    </message>
</context>
<context>
    <name>GateList</name>
    <message>
        <source>{value} ({limit})</source>
        <translation>{value} ({limit})</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>bestanden</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>nicht bestanden</translation>
    </message>
</context>
<context>
    <name>Histogram</name>
    <message>
        <source>Distances in this gallery</source>
        <translation>Abstände in dieser Galerie</translation>
    </message>
    <message>
        <source>automatic {value}</source>
        <translation>automatisch {value}</translation>
    </message>
    <message>
        <source>fixed {value}</source>
        <translation>fest {value}</translation>
    </message>
    <message>
        <source>Same person</source>
        <translation>Dieselbe Person</translation>
    </message>
    <message>
        <source>Nearest other person</source>
        <translation>Nächste andere Person</translation>
    </message>
    <message>
        <source>Strangers (public data set)</source>
        <translation>Fremde (öffentlicher Datensatz)</translation>
    </message>
</context>
<context>
    <name>KeysOverlay</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>{first} to {last}</source>
        <translation>{first} bis {last}</translation>
    </message>
    <message>
        <source>Open a camera of the menu</source>
        <translation>Eine Kamera des Menüs öffnen</translation>
    </message>
    <message>
        <source>Left, Right</source>
        <translation>Links, Rechts</translation>
    </message>
    <message>
        <source>Choose a face</source>
        <translation>Ein Gesicht wählen</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Open the menu of the face</source>
        <translation>Menü des Gesichts öffnen</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Close the panel, or go back to the video</source>
        <translation>Seitenleiste schließen, oder zurück zum Bild</translation>
    </message>
    <message>
        <source>In the video</source>
        <translation>Im Bild</translation>
    </message>
</context>
<context>
    <name>MarkerController</name>
    <message>
        <source>No log is being written, so a marker cannot be added.</source>
        <translation>Es wird kein Protokoll geschrieben, daher kann keine Zeitmarke gesetzt werden.</translation>
    </message>
    <message>
        <source>No session is running, so a marker cannot be added.</source>
        <translation>Es läuft keine Sitzung, daher kann keine Zeitmarke gesetzt werden.</translation>
    </message>
    <message>
        <source>The session has ended, so the marker was not added.</source>
        <translation>Die Sitzung ist beendet, daher wurde die Zeitmarke nicht gesetzt.</translation>
    </message>
    <message>
        <source>Marker added: {text}</source>
        <translation>Zeitmarke gesetzt: {text}</translation>
    </message>
</context>
<context>
    <name>MarkerLine</name>
    <message>
        <source>What happens now</source>
        <translation>Was jetzt geschieht</translation>
    </message>
    <message>
        <source>Text of the marker</source>
        <translation>Text der Zeitmarke</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Setzen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Marker at {time}:</source>
        <translation>Zeit&amp;marke um {time}:</translation>
    </message>
    <message>
        <source>Add the marker {text}</source>
        <translation>Die Zeitmarke {text} setzen</translation>
    </message>
</context>
<context>
    <name>MergeQuestionPanel</name>
    <message>
        <source>The photos of these two could not be compared.</source>
        <translation>Die Fotos der beiden ließen sich nicht vergleichen.</translation>
    </message>
    <message>
        <source>Mean distance of their photos: {distance}. One person: up to {limit}.</source>
        <translation>Mittlerer Abstand ihrer Fotos: {distance}. Eine Person: bis {limit}.</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
</context>
<context>
    <name>MessageLine</name>
    <message>
        <source>Dismiss message</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>hardly a face</source>
        <translation>kaum ein Gesicht</translation>
    </message>
    <message>
        <source>show the whole face, with nothing covering it</source>
        <translation>bitte das ganze Gesicht zeigen, ohne dass etwas es verdeckt</translation>
    </message>
    <message>
        <source>too small</source>
        <translation>zu klein</translation>
    </message>
    <message>
        <source>move closer to the camera</source>
        <translation>bitte näher an die Kamera kommen</translation>
    </message>
    <message>
        <source>cut off at the edge</source>
        <translation>am Rand abgeschnitten</translation>
    </message>
    <message>
        <source>move to the center</source>
        <translation>bitte in die Mitte rücken</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>hold still or clean the camera</source>
        <translation>bitte stillhalten oder die Kamera putzen</translation>
    </message>
    <message>
        <source>too dark</source>
        <translation>zu dunkel</translation>
    </message>
    <message>
        <source>turn on a light in front of you</source>
        <translation>bitte vor sich eine Lampe einschalten</translation>
    </message>
    <message>
        <source>too bright</source>
        <translation>zu hell</translation>
    </message>
    <message>
        <source>reduce the light on your face</source>
        <translation>bitte für weniger Licht auf dem Gesicht sorgen</translation>
    </message>
    <message>
        <source>turned too far</source>
        <translation>zu weit gedreht</translation>
    </message>
    <message>
        <source>turn back toward the camera</source>
        <translation>bitte wieder zur Kamera drehen</translation>
    </message>
    <message>
        <source>no face found</source>
        <translation>kein Gesicht gefunden</translation>
    </message>
    <message>
        <source>move in front of the camera</source>
        <translation>bitte vor die Kamera kommen</translation>
    </message>
    <message>
        <source>several faces</source>
        <translation>mehrere Gesichter</translation>
    </message>
    <message>
        <source>only one may be in view</source>
        <translation>es darf nur eines zu sehen sein</translation>
    </message>
    <message>
        <source>looks like a different person</source>
        <translation>sieht nach einer anderen Person aus</translation>
    </message>
    <message>
        <source>continue with the same person</source>
        <translation>bitte mit derselben Person weitermachen</translation>
    </message>
    <message>
        <source>could not be read as an image</source>
        <translation>konnte nicht als Bild gelesen werden</translation>
    </message>
    <message>
        <source>the face was not found in the saved photo</source>
        <translation>das Gesicht wurde im gespeicherten Foto nicht gefunden</translation>
    </message>
    <message>
        <source>too similar to another photo</source>
        <translation>einem anderen Foto zu ähnlich</translation>
    </message>
    <message>
        <source>too similar to a photo in the gallery</source>
        <translation>einem Foto in der Galerie zu ähnlich</translation>
    </message>
    <message>
        <source>already in the gallery</source>
        <translation>schon in der Galerie</translation>
    </message>
    <message>
        <source>excluded by you</source>
        <translation>abgewählt</translation>
    </message>
    <message>
        <source>no photo is good enough</source>
        <translation>kein Foto ist gut genug</translation>
    </message>
    <message>
        <source>make sure that one face is near, sharp and well lit</source>
        <translation>bitte dafür sorgen, dass ein Gesicht nah, scharf und gut beleuchtet ist</translation>
    </message>
    <message>
        <source>looks like another enrolled person</source>
        <translation>sieht aus wie eine andere eingelernte Person</translation>
    </message>
    <message>
        <source>add the photos to that person, or confirm that these are two people</source>
        <translation>bitte die Fotos zu dieser Person hinzufügen oder bestätigen, dass es zwei Personen sind</translation>
    </message>
    <message>
        <source>the photos show different people</source>
        <translation>die Fotos zeigen verschiedene Personen</translation>
    </message>
    <message>
        <source>enroll them under two names, or confirm that they are one person</source>
        <translation>unter zwei Namen einlernen oder bestätigen, dass es eine Person ist</translation>
    </message>
    <message>
        <source>canceled before it was complete</source>
        <translation>vor dem Abschluss abgebrochen</translation>
    </message>
    <message>
        <source>the same photo is already there</source>
        <translation>dasselbe Foto ist schon da</translation>
    </message>
    <message>
        <source>too similar to a photo of another person</source>
        <translation>einem Foto einer anderen Person zu ähnlich</translation>
    </message>
    <message>
        <source>is outside a person&apos;s folder</source>
        <translation>liegt außerhalb des Ordners einer Person</translation>
    </message>
    <message>
        <source>is not an image</source>
        <translation>ist kein Bild</translation>
    </message>
    <message>
        <source>points outside of the ZIP file</source>
        <translation>zeigt aus der ZIP-Datei heraus</translation>
    </message>
    <message>
        <source>the ZIP file has another file of this name</source>
        <translation>die ZIP-Datei hat eine andere Datei dieses Namens</translation>
    </message>
    <message>
        <source>could not be saved</source>
        <translation>konnte nicht gespeichert werden</translation>
    </message>
    <message>
        <source>has no face with a name</source>
        <translation>hat kein Gesicht mit Namen</translation>
    </message>
    <message>
        <source>no face found where the photo has the name</source>
        <translation>kein Gesicht gefunden, wo das Foto den Namen hat</translation>
    </message>
    <message>
        <source>the folder name is not a valid name for a person</source>
        <translation>der Ordnername ist kein gültiger Personenname</translation>
    </message>
    <message>
        <source>person.toml is damaged</source>
        <translation>person.toml ist beschädigt</translation>
    </message>
    <message>
        <source>a newer version of facecam wrote person.toml; update facecam to use this person</source>
        <translation>eine neuere Version von facecam hat person.toml geschrieben; aktualisieren Sie facecam, um diese Person zu verwenden</translation>
    </message>
    <message>
        <source>another person has the same name; rename one, or merge the two if they are one person</source>
        <translation>eine andere Person hat denselben Namen; benennen Sie eine um, oder führen Sie beide zusammen, wenn sie dieselbe Person sind</translation>
    </message>
    <message>
        <source>the encrypted file is cut off</source>
        <translation>die verschlüsselte Datei ist abgeschnitten</translation>
    </message>
    <message>
        <source>restore it from a backup</source>
        <translation>stellen Sie sie aus einer Sicherung wieder her</translation>
    </message>
    <message>
        <source>the encrypted file was changed or is damaged</source>
        <translation>die verschlüsselte Datei wurde geändert oder ist beschädigt</translation>
    </message>
    <message>
        <source>the encrypted file belongs to another place in the gallery</source>
        <translation>die verschlüsselte Datei gehört an eine andere Stelle der Galerie</translation>
    </message>
    <message>
        <source>the encrypted file is an older version or was removed before</source>
        <translation>die verschlüsselte Datei ist eine ältere Fassung oder wurde zuvor entfernt</translation>
    </message>
    <message>
        <source>the file was encrypted for another gallery</source>
        <translation>die Datei wurde für eine andere Galerie verschlüsselt</translation>
    </message>
    <message>
        <source>the file is not encrypted, so facecam has not written it</source>
        <translation>die Datei ist nicht verschlüsselt, also hat facecam sie nicht geschrieben</translation>
    </message>
    <message>
        <source>the encrypted file is missing</source>
        <translation>die verschlüsselte Datei fehlt</translation>
    </message>
    <message>
        <source>the gallery is encrypted and locked</source>
        <translation>die Galerie ist verschlüsselt und gesperrt</translation>
    </message>
    <message>
        <source>enter its passphrase</source>
        <translation>geben Sie ihre Passphrase ein</translation>
    </message>
    <message>
        <source>the file is encrypted, but .encryption.toml of the gallery is missing</source>
        <translation>die Datei ist verschlüsselt, aber .encryption.toml der Galerie fehlt</translation>
    </message>
    <message>
        <source>photos in a folder inside a person&apos;s folder are not used</source>
        <translation>Fotos in einem Ordner innerhalb des Ordners einer Person werden nicht verwendet</translation>
    </message>
    <message>
        <source>has the same ID as another person</source>
        <translation>hat dieselbe Kennung wie eine andere Person</translation>
    </message>
    <message>
        <source>the cache is damaged; the next start rebuilds it</source>
        <translation>der Cache ist beschädigt; der nächste Start erneuert ihn</translation>
    </message>
    <message>
        <source>the cached embedding differs from the computed one: delete facecam&apos;s cache folder</source>
        <translation>das Embedding im Cache weicht vom berechneten ab: bitte den Cache-Ordner von facecam löschen</translation>
    </message>
    <message>
        <source>the content changed while size and times stayed the same: check the disk</source>
        <translation>der Inhalt hat sich geändert, Größe und Zeiten nicht: bitte den Datenträger prüfen</translation>
    </message>
    <message>
        <source>close to one person and clearly farther from everyone else</source>
        <translation>nah an einer Person und deutlich weiter von allen anderen entfernt</translation>
    </message>
    <message>
        <source>decided by most of the recent comparisons</source>
        <translation>entschieden durch die meisten der letzten Vergleiche</translation>
    </message>
    <message>
        <source>no one is enrolled yet</source>
        <translation>noch ist niemand eingelernt</translation>
    </message>
    <message>
        <source>no enrolled person is similar enough</source>
        <translation>keine eingelernte Person ist ähnlich genug</translation>
    </message>
    <message>
        <source>similar to an enrolled person, but not similar enough for the name</source>
        <translation>einer eingelernten Person ähnlich, aber nicht ähnlich genug für den Namen</translation>
    </message>
    <message>
        <source>almost equally similar to two people</source>
        <translation>zwei Personen fast gleich ähnlich</translation>
    </message>
    <message>
        <source>you said that it is someone else</source>
        <translation>Sie haben angegeben, dass es jemand anderes ist</translation>
    </message>
    <message>
        <source>another face in the video matches this name better</source>
        <translation>ein anderes Gesicht im Bild passt besser zu diesem Namen</translation>
    </message>
    <message>
        <source>mistaken for another person</source>
        <translation>mit einer anderen Person verwechselt</translation>
    </message>
    <message>
        <source>not compared often enough yet</source>
        <translation>noch nicht oft genug verglichen</translation>
    </message>
    <message>
        <source>still being checked for a picture or a screen</source>
        <translation>wird noch auf ein Bild oder einen Bildschirm geprüft</translation>
    </message>
    <message>
        <source>looks like a picture or a screen</source>
        <translation>sieht aus wie ein Bild oder ein Bildschirm</translation>
    </message>
    <message>
        <source>face the camera, with nothing in front of the face</source>
        <translation>blicken Sie in die Kamera, ohne etwas vor dem Gesicht</translation>
    </message>
    <message>
        <source>moves like a photo, not like a head</source>
        <translation>bewegt sich wie ein Foto, nicht wie ein Kopf</translation>
    </message>
    <message>
        <source>the same face as before, which does not need to be compared again</source>
        <translation>dasselbe Gesicht wie zuvor, das nicht erneut verglichen werden muss</translation>
    </message>
    <message>
        <source>very good, hold that pose</source>
        <translation>sehr gut, so bleiben</translation>
    </message>
    <message>
        <source>look straight into the camera and hold still</source>
        <translation>gerade in die Kamera sehen und stillhalten</translation>
    </message>
    <message>
        <source>turn your head slowly to your left</source>
        <translation>den Kopf langsam nach links drehen</translation>
    </message>
    <message>
        <source>turn your head slowly to your right</source>
        <translation>den Kopf langsam nach rechts drehen</translation>
    </message>
    <message>
        <source>raise your chin a little</source>
        <translation>das Kinn etwas heben</translation>
    </message>
    <message>
        <source>lower your chin a little</source>
        <translation>das Kinn etwas senken</translation>
    </message>
    <message>
        <source>the camera is too far to one side</source>
        <translation>die Kamera steht zu weit seitlich</translation>
    </message>
    <message>
        <source>place it in front of you at eye level, or skip this pose</source>
        <translation>bitte auf Augenhöhe vor sich aufstellen oder diese Pose überspringen</translation>
    </message>
    <message>
        <source>{own}: set by you for everyone.</source>
        <translation>{own}: von Ihnen für alle festgelegt.</translation>
    </message>
    <message>
        <source>{own}: the match threshold of this gallery.</source>
        <translation>{own}: die Schwelle dieser Galerie.</translation>
    </message>
    <message>
        <source>{own}: the match threshold of this gallery, {gallery}, lowered because many faces resemble {name}.</source>
        <translation>{own}: die Schwelle dieser Galerie, {gallery}, gesenkt, weil {name} vielen Gesichtern ähnelt.</translation>
    </message>
    <message>
        <source>{own}: the match threshold of this gallery, {gallery}, lowered because the photos of {name} are very similar. Photos from other days raise it.</source>
        <translation>{own}: die Schwelle dieser Galerie, {gallery}, gesenkt, weil sich die Fotos von {name} sehr ähneln. Fotos von anderen Tagen heben sie.</translation>
    </message>
</context>
<context>
    <name>MirrorView</name>
    <message>
        <source>Live video, mirrored</source>
        <translation>Livebild, gespiegelt</translation>
    </message>
</context>
<context>
    <name>NameField</name>
    <message>
        <source>Name this person</source>
        <translation>Diese Person benennen</translation>
    </message>
    <message>
        <source>&amp;Who is this?</source>
        <translation>&amp;Wer ist das?</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Benennen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Naming {name} saves photos of this face. Check the box first if this person agrees.</source>
        <translation>Wenn Sie {name} benennen, werden Fotos dieses Gesichts gespeichert. Setzen Sie zuerst das Häkchen, wenn die Person einverstanden ist.</translation>
    </message>
</context>
<context>
    <name>NetworkSuggestion</name>
    <message>
        <source>Suggestion</source>
        <translation>Vorschlag</translation>
    </message>
    <message>
        <source>With high accuracy, {high_accuracy} of your {photos} photos are named correctly when each is compared with the others; with nn4.small2, {default}.</source>
        <translation>Mit hoher Genauigkeit werden {high_accuracy} Ihrer {photos} Fotos richtig benannt, wenn jedes mit den übrigen verglichen wird, mit nn4.small2 {default}.</translation>
    </message>
    <message>
        <source>Use high accuracy</source>
        <translation>Hohe Genauigkeit verwenden</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nicht jetzt</translation>
    </message>
</context>
<context>
    <name>NoticeController</name>
    <message>
        <source>The video has ended</source>
        <translation>Das Video ist zu Ende</translation>
    </message>
    <message>
        <source>The video was interrupted</source>
        <translation>Das Video ist unterbrochen</translation>
    </message>
    <message>
        <source>Reconnecting…</source>
        <translation>Die Verbindung wird wiederhergestellt …</translation>
    </message>
    <message>
        <source>The session has ended</source>
        <translation>Die Sitzung ist beendet</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Opening {source}</source>
        <translation>{source} wird geöffnet</translation>
    </message>
    <message>
        <source>Reading the photos in your gallery</source>
        <translation>Die Fotos der Galerie werden gelesen</translation>
    </message>
    <message>
        <source>Starting recognition</source>
        <translation>Die Erkennung startet</translation>
    </message>
    <message>
        <source>Connect a camera. Its video then appears automatically.</source>
        <translation>Schließen Sie eine Kamera an. Ihr Bild erscheint dann von selbst.</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>{camera} is not connected</source>
        <translation>{camera} ist nicht angeschlossen</translation>
    </message>
    <message>
        <source>Connect it, or use another camera.</source>
        <translation>Schließen Sie sie an, oder verwenden Sie eine andere Kamera.</translation>
    </message>
    <message>
        <source>No access to the camera</source>
        <translation>Kein Zugriff auf die Kamera</translation>
    </message>
    <message>
        <source>Use {camera}</source>
        <translation>{camera} verwenden</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>Noch einmal abspielen</translation>
    </message>
    <message>
        <source>The video appears as soon as strangers can be covered</source>
        <translation>Das Bild erscheint, sobald Fremde abgedeckt werden können</translation>
    </message>
    <message>
        <source>No video</source>
        <translation>Kein Bild</translation>
    </message>
</context>
<context>
    <name>OperatingPoint</name>
    <message>
        <source>Fewer than 1 stranger in {whole} gets a name.</source>
        <translation>Weniger als 1 von {whole} Fremden bekommt einen Namen.</translation>
    </message>
    <message>
        <source>About 1 stranger in {whole} gets a name.</source>
        <translation>Etwa 1 von {whole} Fremden bekommt einen Namen.</translation>
    </message>
    <message>
        <source>About {count} strangers in {whole} get a name.</source>
        <translation>Etwa {count} von {whole} Fremden bekommen einen Namen.</translation>
    </message>
    <message>
        <source>Fewer than 1 in {whole} sightings of an enrolled person stays unnamed.</source>
        <translation>Weniger als 1 von {whole} Sichtungen einer eingelernten Person bleibt ohne Namen.</translation>
    </message>
    <message>
        <source>1 in {whole} sightings of an enrolled person stays unnamed.</source>
        <translation>1 von {whole} Sichtungen einer eingelernten Person bleibt ohne Namen.</translation>
    </message>
    <message>
        <source>{count} in {whole} sightings of an enrolled person stay unnamed.</source>
        <translation>{count} von {whole} Sichtungen einer eingelernten Person bleiben ohne Namen.</translation>
    </message>
</context>
<context>
    <name>OrientationMenu</name>
    <message>
        <source>Rotate the camera</source>
        <translation>Kamera drehen</translation>
    </message>
    <message>
        <source>Not rotated</source>
        <translation>Nicht gedreht</translation>
    </message>
    <message>
        <source>90° clockwise</source>
        <translation>90° im Uhrzeigersinn</translation>
    </message>
    <message>
        <source>180°</source>
        <translation>180°</translation>
    </message>
    <message>
        <source>90° counterclockwise</source>
        <translation>90° gegen den Uhrzeigersinn</translation>
    </message>
    <message>
        <source>Flip left and right</source>
        <translation>Links und rechts spiegeln</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>Threshold studio</source>
        <translation>Schwellen-Studio</translation>
    </message>
    <message>
        <source>Session labels</source>
        <translation>Merkmale der Sitzung</translation>
    </message>
    <message>
        <source>People panel</source>
        <translation>Personenleiste</translation>
    </message>
    <message>
        <source>Show who is in front of the camera and who was</source>
        <translation>Zeigen, wer vor der Kamera ist und wer da war</translation>
    </message>
    <message>
        <source>Gallery</source>
        <translation>Galerie</translation>
    </message>
    <message>
        <source>Enroll a person</source>
        <translation>Person einlernen</translation>
    </message>
    <message>
        <source>Teach an object</source>
        <translation>Gegenstand anlernen</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Documentation</source>
        <translation>Dokumentation</translation>
    </message>
    <message>
        <source>About facecam</source>
        <translation>Über facecam</translation>
    </message>
</context>
<context>
    <name>PassphraseLine</name>
    <message>
        <source>&amp;Passphrase of the gallery:</source>
        <translation>&amp;Passphrase der Galerie:</translation>
    </message>
    <message>
        <source>Passphrase of the gallery</source>
        <translation>Passphrase der Galerie</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>People</name>
    <message>
        <source>Present now</source>
        <translation>Jetzt anwesend</translation>
    </message>
    <message>
        <source>Present earlier</source>
        <translation>Vorher anwesend</translation>
    </message>
    <message>
        <source>Possibly enrolled</source>
        <translation>Vielleicht eingelernt</translation>
    </message>
    <message>
        <source>Unknown visitors</source>
        <translation>Unbekannte Besucher</translation>
    </message>
    <message>
        <source>{name}?</source>
        <translation>{name}?</translation>
    </message>
    <message>
        <source>Visitor {number}</source>
        <translation>Besucher {number}</translation>
    </message>
    <message>
        <source>Not compared</source>
        <translation>Nicht verglichen</translation>
    </message>
    <message>
        <source>Objects mode does not look for faces. Switch to Faces to see who is here.</source>
        <translation>Im Modus „Gegenstände“ wird nicht nach Gesichtern gesucht. Wechseln Sie zu „Gesichter“, um zu sehen, wer da ist.</translation>
    </message>
    <message>
        <source>No one is present.</source>
        <translation>Niemand ist anwesend.</translation>
    </message>
    <message>
        <source>No one has been present yet. People appear here when the camera sees them.</source>
        <translation>Noch war niemand anwesend. Hier erscheint, wer von der Kamera gesehen wird.</translation>
    </message>
    <message>
        <source>since {time} · {duration}</source>
        <translation>seit {time} · {duration}</translation>
    </message>
    <message>
        <source>Expression: {shares}</source>
        <translation>Ausdruck: {shares}</translation>
    </message>
    <message>
        <source>at {time}</source>
        <translation>um {time}</translation>
    </message>
    <message>
        <source>{begin} to {end}</source>
        <translation>{begin} bis {end}</translation>
    </message>
    <message>
        <source>{count} visits since {time}</source>
        <translation>{count} Besuche seit {time}</translation>
    </message>
</context>
<context>
    <name>PeopleModel</name>
    <message>
        <source>Photos: {count}</source>
        <translation>Fotos: {count}</translation>
    </message>
    <message>
        <source>Photos: {count}, in use: {used}</source>
        <translation>Fotos: {count}, benutzt: {used}</translation>
    </message>
</context>
<context>
    <name>PeoplePanel</name>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Choose a person with the arrow keys and open the menu with Enter.</source>
        <translation>Mit den Pfeiltasten eine Person wählen, mit der Eingabetaste das Menü öffnen.</translation>
    </message>
</context>
<context>
    <name>PersonHeader</name>
    <message>
        <source>Add consent…</source>
        <translation>Einwilligung hinzufügen …</translation>
    </message>
    <message>
        <source>Add photos…</source>
        <translation>Fotos hinzufügen …</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Merge…</source>
        <translation>Zusammenführen …</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Export person…</source>
        <translation>Person exportieren …</translation>
    </message>
    <message>
        <source>Remove person…</source>
        <translation>Person entfernen …</translation>
    </message>
    <message>
        <source>Forget…</source>
        <translation>Vergessen …</translation>
    </message>
    <message>
        <source>Save everything that facecam has stored about this person as a ZIP file</source>
        <translation>Alles, was facecam über diese Person gespeichert hat, als ZIP-Datei sichern</translation>
    </message>
    <message>
        <source>Delete everything about this person, also in logs, and search what is left</source>
        <translation>Alles über diese Person löschen, auch in Protokollen, und den Rest durchsuchen</translation>
    </message>
    <message>
        <source>{photos}. Enrolled on {date}.</source>
        <translation>{photos}. Eingelernt am {date}.</translation>
    </message>
    <message>
        <source>Edit consent…</source>
        <translation>Einwilligung bearbeiten …</translation>
    </message>
    <message>
        <source>Consent: {text}</source>
        <translation>Einwilligung: {text}</translation>
    </message>
    <message>
        <source>No consent is recorded.</source>
        <translation>Keine Einwilligung vermerkt.</translation>
    </message>
    <message>
        <source>Withdrawn consent: {text}</source>
        <translation>Widerrufene Einwilligung: {text}</translation>
    </message>
</context>
<context>
    <name>PersonRights</name>
    <message>
        <source>Exporting {name}…</source>
        <translation>{name} wird exportiert …</translation>
    </message>
    <message>
        <source>Ending the session…</source>
        <translation>Die Sitzung wird beendet …</translation>
    </message>
    <message>
        <source>Wait until the work in progress is finished.</source>
        <translation>Warten Sie, bis die laufende Arbeit fertig ist.</translation>
    </message>
    <message>
        <source>Reading the gallery…</source>
        <translation>Die Galerie wird gelesen …</translation>
    </message>
    <message>
        <source>Replacing the name in logs…</source>
        <translation>Der Name in Protokollen wird ersetzt …</translation>
    </message>
    <message>
        <source>Searching all files of facecam…</source>
        <translation>Alle Dateien von facecam werden durchsucht …</translation>
    </message>
    <message>
        <source>Removing…</source>
        <translation>Wird entfernt …</translation>
    </message>
</context>
<context>
    <name>PhotoChooser</name>
    <message>
        <source>Images ({patterns})</source>
        <translation>Bilder ({patterns})</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Fotos hinzufügen</translation>
    </message>
</context>
<context>
    <name>PhotoList</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
</context>
<context>
    <name>PhotoModel</name>
    <message>
        <source>Not used: {reason}</source>
        <translation>Nicht benutzt: {reason}</translation>
    </message>
</context>
<context>
    <name>PhotoResultsView</name>
    <message>
        <source>Refused photos</source>
        <translation>Abgelehnte Fotos</translation>
    </message>
    <message>
        <source>Add anyway</source>
        <translation>Trotzdem hinzufügen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>PhotoScenes</name>
    <message>
        <source>Checking the photos…</source>
        <translation>Die Fotos werden geprüft …</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>{name} is enrolled</source>
        <translation>{name} ist eingelernt</translation>
    </message>
    <message>
        <source>Nothing was added</source>
        <translation>Nichts hinzugefügt</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>&amp;Choose faces ({count})</source>
        <translation>&amp;Gesichter wählen ({count})</translation>
    </message>
    <message>
        <source>In photos with several faces, you can choose the right one.</source>
        <translation>Bei Fotos mit mehreren Gesichtern können Sie das richtige wählen.</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>Looking for faces…</source>
        <translation>Gesichter werden gesucht …</translation>
    </message>
    <message>
        <source>{file}, photo {number} of {count}. Click a face, or choose it with the arrow keys.</source>
        <translation>{file}, Foto {number} von {count}. Ein Gesicht anklicken oder mit den Pfeiltasten wählen.</translation>
    </message>
    <message>
        <source>Use this face</source>
        <translation>Dieses verwenden</translation>
    </message>
    <message>
        <source>None of them</source>
        <translation>Keines davon</translation>
    </message>
    <message>
        <source>Which face is {name}?</source>
        <translation>Welches Gesicht ist {name}?</translation>
    </message>
    <message>
        <source>Undoing…</source>
        <translation>Wird rückgängig gemacht …</translation>
    </message>
    <message>
        <source>Undone: these photos were removed from the gallery.</source>
        <translation>Rückgängig gemacht: Diese Fotos sind nicht mehr in der Galerie.</translation>
    </message>
</context>
<context>
    <name>PlaybackBar</name>
    <message>
        <source>Playback</source>
        <translation>Wiedergabe</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Position</translation>
    </message>
</context>
<context>
    <name>PoseCaptureScene</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>S&amp;kip this pose</source>
        <translation>P&amp;ose überspringen</translation>
    </message>
    <message>
        <source>Pose {number} of {count}: {pose}</source>
        <translation>Pose {number} von {count}: {pose}</translation>
    </message>
    <message>
        <source>The video is paused. Resume it first.</source>
        <translation>Das Bild ist angehalten. Bitte erst weiterlaufen lassen.</translation>
    </message>
    <message>
        <source>The connection was lost. Reconnecting…</source>
        <translation>Die Verbindung ist abgebrochen und wird wiederhergestellt …</translation>
    </message>
</context>
<context>
    <name>QuestionBar</name>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>QuestionPanel</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>RecentMenuSection</name>
    <message>
        <source>No recent files or addresses</source>
        <translation>Keine zuletzt geöffneten Dateien oder Adressen</translation>
    </message>
    <message>
        <source>Clear list</source>
        <translation>Liste leeren</translation>
    </message>
    <message>
        <source>{path} does not exist any more.</source>
        <translation>{path} gibt es nicht mehr.</translation>
    </message>
</context>
<context>
    <name>RecordingBadge</name>
    <message>
        <source>Recording, {time}</source>
        <translation>Aufnahme läuft, {time}</translation>
    </message>
</context>
<context>
    <name>RecordingIndicator</name>
    <message>
        <source>Nothing was recorded, because no frame was analyzed meanwhile.</source>
        <translation>Es wurde nichts aufgenommen, weil in dieser Zeit kein Bild ausgewertet wurde.</translation>
    </message>
</context>
<context>
    <name>Row</name>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset: {setting}</source>
        <translation>Zurücksetzen: {setting}</translation>
    </message>
    <message>
        <source>Reset to {value}</source>
        <translation>Auf {value} zurücksetzen</translation>
    </message>
</context>
<context>
    <name>ScenePanel</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
</context>
<context>
    <name>SeenDistance</name>
    <message>
        <source>In the video: distance {distance} to {name}, known.</source>
        <translation>Im Bild: Abstand {distance} zu {name}, bekannt.</translation>
    </message>
    <message>
        <source>In the video: distance {distance} to {name}, unsure.</source>
        <translation>Im Bild: Abstand {distance} zu {name}, unsicher.</translation>
    </message>
    <message>
        <source>In the video: distance {distance} to {name}, unknown.</source>
        <translation>Im Bild: Abstand {distance} zu {name}, unbekannt.</translation>
    </message>
</context>
<context>
    <name>SessionEnd</name>
    <message>
        <source>and {number} more</source>
        <translation>und {number} weitere</translation>
    </message>
    <message>
        <source>Possibly enrolled ({number}): {duration}</source>
        <translation>Vielleicht eingelernt ({number}): {duration}</translation>
    </message>
    <message>
        <source>Unknown visitors ({number}): {duration}</source>
        <translation>Unbekannte Besucher ({number}): {duration}</translation>
    </message>
    <message>
        <source>No one was present.</source>
        <translation>Niemand war da.</translation>
    </message>
    <message>
        <source>{name}: {duration}</source>
        <translation>{name}: {duration}</translation>
    </message>
    <message>
        <source>{name}: {duration} in {visits} visits</source>
        <translation>{name}: {duration} in {visits} Besuchen</translation>
    </message>
    <message>
        <source>Open report</source>
        <translation>Bericht öffnen</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Protokollordner öffnen</translation>
    </message>
    <message>
        <source>Writing the report…</source>
        <translation>Der Bericht wird geschrieben…</translation>
    </message>
    <message>
        <source>Report saved as {path}</source>
        <translation>Bericht gespeichert als {path}</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
</context>
<context>
    <name>SessionLabelsPage</name>
    <message>
        <source>Labels describe a session: each row of the log has them, and analyses can select by them. Use names such as participant and condition.</source>
        <translation>Merkmale beschreiben eine Sitzung: Jede Zeile des Protokolls enthält sie, und Auswertungen können danach auswählen. Geeignete Namen sind zum Beispiel participant und condition.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Add a label</source>
        <translation>Merkmal hinzufügen</translation>
    </message>
    <message>
        <source>Start a new session</source>
        <translation>Neue Sitzung beginnen</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Applied labels are those of the next session, which also starts when you choose another source.</source>
        <translation>Übernommene Merkmale gelten ab der nächsten Sitzung. Sie beginnt auch, wenn Sie eine andere Quelle wählen.</translation>
    </message>
    <message>
        <source>The labels apply from the next session on.</source>
        <translation>Die Merkmale gelten ab der nächsten Sitzung.</translation>
    </message>
    <message>
        <source>A new session starts with these labels.</source>
        <translation>Eine neue Sitzung beginnt mit diesen Merkmalen.</translation>
    </message>
    <message>
        <source>Enter a name for the value {value}.</source>
        <translation>Geben Sie für den Wert {value} einen Namen ein.</translation>
    </message>
    <message>
        <source>The name {name} is there twice; remove one of the two.</source>
        <translation>Der Name {name} kommt zweimal vor; entfernen Sie einen der beiden.</translation>
    </message>
    <message>
        <source>A name has 1 to 32 of the characters a-z, 0-9 and _, begins with a letter, and is neither id nor labels. A value has up to 100 characters without ; and =.</source>
        <translation>Ein Name hat 1 bis 32 der Zeichen a-z, 0-9 und _, beginnt mit einem Buchstaben und ist weder id noch labels. Ein Wert hat bis zu 100 Zeichen ohne ; und =.</translation>
    </message>
    <message>
        <source>Name of the label</source>
        <translation>Name des Merkmals</translation>
    </message>
    <message>
        <source>Value of the label</source>
        <translation>Wert des Merkmals</translation>
    </message>
    <message>
        <source>Remove this label</source>
        <translation>Dieses Merkmal entfernen</translation>
    </message>
    <message>
        <source>This session: {labels}</source>
        <translation>Diese Sitzung: {labels}</translation>
    </message>
    <message>
        <source>Next session: {labels}</source>
        <translation>Nächste Sitzung: {labels}</translation>
    </message>
    <message>
        <source>no labels</source>
        <translation>keine Merkmale</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Applied until you quit, but not saved: {reason}</source>
        <translation>Gilt bis zum Beenden, wurde aber nicht gespeichert: {reason}</translation>
    </message>
    <message>
        <source>From the next start, the environment variable {variable} overrides this setting.</source>
        <translation>Ab dem nächsten Start hat die Umgebungsvariable {variable} Vorrang vor dieser Einstellung.</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>Auflösung</translation>
    </message>
    <message>
        <source>Requested from the camera, which may use another. A higher one shows more distant faces and is slower.</source>
        <translation>Wird von der Kamera angefordert; sie kann eine andere verwenden. Eine höhere zeigt weiter entfernte Gesichter und ist langsamer.</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>Bildrate</translation>
    </message>
    <message>
        <source>Requested from the camera, which may use another.</source>
        <translation>Wird von der Kamera angefordert; sie kann eine andere verwenden.</translation>
    </message>
    <message>
        <source> fps</source>
        <translation> Bilder/s</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>Recognition</source>
        <translation>Erkennung</translation>
    </message>
    <message>
        <source>High accuracy</source>
        <translation>Hohe Genauigkeit</translation>
    </message>
    <message>
        <source>Smallest face to detect</source>
        <translation>Kleinstes Gesicht, das gefunden wird</translation>
    </message>
    <message>
        <source>Smaller faces are ignored. A larger number is faster.</source>
        <translation>Kleinere Gesichter werden ignoriert. Eine größere Zahl ist schneller.</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Smallest face to compare</source>
        <translation>Kleinstes Gesicht, das verglichen wird</translation>
    </message>
    <message>
        <source>Smaller faces are shown but get no name, because with too few pixels people look alike.</source>
        <translation>Kleinere Gesichter werden gezeigt, bekommen aber keinen Namen: Mit zu wenigen Pixeln sehen sich Menschen ähnlich.</translation>
    </message>
    <message>
        <source>A person has left after</source>
        <translation>Eine Person ist gegangen nach</translation>
    </message>
    <message>
        <source>A person who is not seen for this long counts as gone.</source>
        <translation>Wer so lange nicht zu sehen ist, gilt als gegangen.</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>Expressions</source>
        <translation>Ausdruck</translation>
    </message>
    <message>
        <source>A face on paper or on a screen mostly gets no name while the edge of the paper or screen is in view. This does not replace access control.</source>
        <translation>Ein Gesicht auf Papier oder auf einem Bildschirm erhält meist keinen Namen, solange dessen Rand zu sehen ist. Das ersetzt keine Zugangskontrolle.</translation>
    </message>
    <message>
        <source>Learn each person&apos;s resting face</source>
        <translation>Ruheausdruck jeder Person lernen</translation>
    </message>
    <message>
        <source>The typical expression of a person&apos;s first minute counts as neutral, even if it looks stern. facecam forgets it when the session ends.</source>
        <translation>Der typische Ausdruck in der ersten Minute einer Person gilt als neutral, auch wenn er streng wirkt. facecam vergisst ihn am Ende der Sitzung.</translation>
    </message>
    <message>
        <source>Smooth expressions over</source>
        <translation>Ausdruck glätten über</translation>
    </message>
    <message>
        <source>A longer time is steadier but follows changes more slowly.</source>
        <translation>Eine längere Zeit ist ruhiger, folgt Änderungen aber langsamer.</translation>
    </message>
    <message>
        <source>at most 1 in {count}</source>
        <translation>höchstens 1 von {count}</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>The time per face is being measured…</source>
        <translation>Die Zeit je Gesicht wird gemessen …</translation>
    </message>
    <message>
        <source>Time per face on this computer: nn4.small2 {default} ms, high accuracy {high_accuracy} ms.</source>
        <translation>Zeit je Gesicht auf diesem Computer: nn4.small2 {default} ms, hohe Genauigkeit {high_accuracy} ms.</translation>
    </message>
    <message>
        <source>Detect pictures and screens</source>
        <translation>Bilder und Bildschirme erkennen</translation>
    </message>
    <message>
        <source>nn4.small2 (default)</source>
        <translation>nn4.small2 (Standard)</translation>
    </message>
    <message>
        <source>Strangers named</source>
        <translation>Fremde, die einen Namen bekommen</translation>
    </message>
    <message>
        <source>The fewer strangers get a name, the more people stay unnamed. The threshold studio shows both. A fixed match threshold set there overrides this setting.</source>
        <translation>Je weniger Fremde einen Namen bekommen, desto mehr Bekannte bleiben ohne Namen. Das Schwellen-Studio zeigt beides. Eine dort gesetzte feste Schwelle hat Vorrang vor dieser Einstellung.</translation>
    </message>
    <message>
        <source>Sightings that must agree on a name</source>
        <translation>Sichtungen, die denselben Namen ergeben müssen</translation>
    </message>
    <message>
        <source>With more sightings a name appears later and is more reliable.</source>
        <translation>Mit mehr Sichtungen erscheint ein Name später und ist zuverlässiger.</translation>
    </message>
    <message>
        <source>Face recognition network</source>
        <translation>Netz für die Gesichtserkennung</translation>
    </message>
    <message>
        <source>High accuracy leaves fewer people unnamed. After a change facecam reads all photos again; each network has its own match threshold.</source>
        <translation>Mit hoher Genauigkeit bleiben weniger Personen ohne Namen. Nach einem Wechsel liest facecam alle Fotos neu; jedes Netz hat seine eigene Schwelle.</translation>
    </message>
    <message>
        <source>Also compare the mirror image</source>
        <translation>Auch das Spiegelbild vergleichen</translation>
    </message>
    <message>
        <source>Slightly more reliable, but takes twice as long for each face.</source>
        <translation>Etwas zuverlässiger, dauert aber für jedes Gesicht doppelt so lange.</translation>
    </message>
    <message>
        <source>Read the expressions of faces</source>
        <translation>Gesichtsausdruck erkennen</translation>
    </message>
    <message>
        <source>When off, no network for them is opened, the log has none, and neither the window nor a report shows any. An expression is not an emotion. In the EU, inferring emotions at work and in education is prohibited, with few exceptions.</source>
        <translation>Ausgeschaltet wird dafür kein Netz geöffnet, das Protokoll enthält keinen Ausdruck, und weder das Fenster noch ein Bericht zeigt einen. Ein Ausdruck ist kein Gefühl. In der EU ist es bei der Arbeit und in Bildungseinrichtungen bis auf wenige Ausnahmen verboten, auf Gefühle zu schließen.</translation>
    </message>
    <message>
        <source>{days} days</source>
        <translation>{days} Tage</translation>
    </message>
    <message>
        <source>Write a log of each session</source>
        <translation>Jede Sitzung protokollieren</translation>
    </message>
    <message>
        <source>Keep logs for</source>
        <translation>Protokolle aufbewahren</translation>
    </message>
    <message>
        <source>Older logs are deleted. facecam asks first if there are some now.</source>
        <translation>Ältere Protokolle werden gelöscht. Gibt es jetzt schon welche, fragt facecam vorher.</translation>
    </message>
    <message>
        <source>Older recordings of the window are deleted within an hour, without a question.</source>
        <translation>Ältere Aufnahmen des Fensters werden innerhalb einer Stunde ohne Frage gelöscht.</translation>
    </message>
    <message>
        <source>Older snapshots are deleted within an hour, without a question.</source>
        <translation>Ältere Schnappschüsse werden innerhalb einer Stunde ohne Frage gelöscht.</translation>
    </message>
    <message>
        <source>Forever</source>
        <translation>Unbegrenzt</translation>
    </message>
    <message>
        <source>Who was seen when, with the figures of each face, without images. A change takes effect with the next session.</source>
        <translation>Wer wann zu sehen war, mit den Zahlen zu jedem Gesicht, ohne Bilder. Eine Änderung gilt ab der nächsten Sitzung.</translation>
    </message>
    <message>
        <source>Keep recordings for</source>
        <translation>Aufnahmen aufbewahren</translation>
    </message>
    <message>
        <source>Keep snapshots for</source>
        <translation>Schnappschüsse aufbewahren</translation>
    </message>
    <message>
        <source>Performance</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Track faces between frames</source>
        <translation>Gesichter zwischen den Bildern verfolgen</translation>
    </message>
    <message>
        <source>Saves most of the computation. When off, every frame is searched for faces and every face is compared.</source>
        <translation>Erspart den größten Teil der Berechnung. Ausgeschaltet wird jedes Bild nach Gesichtern durchsucht und jedes Gesicht verglichen.</translation>
    </message>
    <message>
        <source>Threads for recognition</source>
        <translation>Threads für die Erkennung</translation>
    </message>
    <message>
        <source>More threads are faster, up to the number of cores. The video needs some of them too.</source>
        <translation>Mehr Threads sind schneller, bis zur Zahl der Prozessorkerne. Auch die Anzeige braucht einige davon.</translation>
    </message>
    <message>
        <source>{settings}: not used, because set for the network {network}. Apply a match threshold in the threshold studio to replace the old values.</source>
        <translation>{settings}: nicht verwendet, weil für das Netz {network} festgelegt. Übernehmen Sie im Schwellen-Studio eine Schwelle, um die alten Werte zu ersetzen.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Reopen the camera</source>
        <translation>Kamera neu öffnen</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>System language</source>
        <translation>Systemsprache</translation>
    </message>
    <message>
        <source>Reset all settings</source>
        <translation>Alle Einstellungen zurücksetzen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Colors</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>Of the system&apos;s text size. File dialogs of the system keep their own.</source>
        <translation>Im Verhältnis zur Textgröße des Systems. Dateidialoge des Systems behalten ihre eigene.</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Textgröße</translation>
    </message>
    <message>
        <source>Folder for snapshots</source>
        <translation>Ordner für Schnappschüsse</translation>
    </message>
    <message>
        <source>Folder for recordings</source>
        <translation>Ordner für Aufnahmen</translation>
    </message>
    <message>
        <source>A recording in progress stays in its folder.</source>
        <translation>Eine laufende Aufnahme bleibt in ihrem Ordner.</translation>
    </message>
    <message>
        <source>Search settings</source>
        <translation>Einstellungen durchsuchen</translation>
    </message>
    <message>
        <source>People, photos and logs stay.</source>
        <translation>Personen, Fotos und Protokolle bleiben.</translation>
    </message>
    <message>
        <source>No setting matches the search.</source>
        <translation>Keine Einstellung passt zur Suche.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Snapshots and recordings</source>
        <translation>Schnappschüsse und Aufnahmen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>This takes effect with the next session.</source>
        <translation>Das gilt ab der nächsten Sitzung.</translation>
    </message>
    <message>
        <source>Start a new session</source>
        <translation>Neue Sitzung beginnen</translation>
    </message>
    <message>
        <source>Camera settings take effect when the camera is reopened.</source>
        <translation>Die Kamera übernimmt die Einstellungen, wenn sie neu geöffnet wird.</translation>
    </message>
    <message>
        <source>Each session is deleted {days} days after its end, while a session runs.</source>
        <translation>Jede Sitzung wird {days} Tage nach ihrem Ende gelöscht, sobald eine Sitzung läuft.</translation>
    </message>
    <message>
        <source>One session ended more than {days} days ago. Its log will be deleted for good.</source>
        <translation>Eine Sitzung endete vor mehr als {days} Tagen. Ihr Protokoll wird endgültig gelöscht.</translation>
    </message>
    <message>
        <source>{count} sessions ended more than {days} days ago. Their logs will be deleted for good.</source>
        <translation>{count} Sitzungen endeten vor mehr als {days} Tagen. Ihre Protokolle werden endgültig gelöscht.</translation>
    </message>
    <message>
        <source>Delete logs</source>
        <translation>Protokolle löschen</translation>
    </message>
    <message>
        <source>The match threshold is fixed at {value} in the threshold studio, which overrides this setting.</source>
        <translation>Im Schwellen-Studio ist die feste Schwelle {value} gesetzt; sie hat Vorrang vor dieser Einstellung.</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation>noch nicht bekannt</translation>
    </message>
    <message>
        <source>no log</source>
        <translation>kein Protokoll</translation>
    </message>
    <message>
        <source>facecam was started without a log, so this applies from the next start.</source>
        <translation>facecam wurde ohne Protokoll gestartet; das gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>All settings have their default values. People, photos and logs were not changed.</source>
        <translation>Alle Einstellungen haben ihre Standardwerte. Personen, Fotos und Protokolle wurden nicht verändert.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>The settings were not changed: {reason}</source>
        <translation>Die Einstellungen wurden nicht geändert: {reason}</translation>
    </message>
</context>
<context>
    <name>ShotCard</name>
    <message>
        <source>Skipped</source>
        <translation>Übersprungen</translation>
    </message>
    <message>
        <source>Take</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Retake</source>
        <translation>Neu aufnehmen</translation>
    </message>
    <message>
        <source>Take a photo: {pose}</source>
        <translation>Foto aufnehmen: {pose}</translation>
    </message>
    <message>
        <source>Retake this photo: {pose}</source>
        <translation>Dieses Foto neu aufnehmen: {pose}</translation>
    </message>
</context>
<context>
    <name>ShotList</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
</context>
<context>
    <name>SnapshotCountdown</name>
    <message>
        <source>Snapshot in {seconds}</source>
        <translation>Schnappschuss in {seconds}</translation>
    </message>
</context>
<context>
    <name>SourceMenus</name>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Open recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
</context>
<context>
    <name>SourcePicker</name>
    <message>
        <source>No camera</source>
        <translation>Keine Kamera</translation>
    </message>
    <message>
        <source>{name} and {count} more</source>
        <translation>{name} und {count} weitere</translation>
    </message>
    <message>
        <source>Source: {name}</source>
        <translation>Quelle: {name}</translation>
    </message>
    <message>
        <source>Source: {name}. Choose a camera, a file or an address.</source>
        <translation>Quelle: {name}. Kamera, Datei oder Adresse wählen.</translation>
    </message>
</context>
<context>
    <name>Sources</name>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
    <message>
        <source>Camera {number}</source>
        <translation>Kamera {number}</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Vorführung</translation>
    </message>
    <message>
        <source>If a camera is connected, allow the program that started facecam, such as Terminal, to use it: System Settings &gt; Privacy &amp; Security &gt; Camera.</source>
        <translation>Wenn eine Kamera angeschlossen ist, erlauben Sie dem Programm, das facecam gestartet hat, etwa dem Terminal, sie zu verwenden: Systemeinstellungen &gt; Datenschutz &amp; Sicherheit &gt; Kamera.</translation>
    </message>
    <message>
        <source>If a camera is connected, check Settings &gt; Privacy &amp; security &gt; Camera: desktop apps must be allowed to use it.</source>
        <translation>Wenn eine Kamera angeschlossen ist, prüfen Sie Einstellungen &gt; Datenschutz &amp; Sicherheit &gt; Kamera: Desktop-Apps müssen sie verwenden dürfen.</translation>
    </message>
    <message>
        <source>Your user account may not use the camera. Add it to the group “video”, for example in the user settings of your desktop, then log out and in again.</source>
        <translation>Ihr Benutzerkonto darf die Kamera nicht verwenden. Fügen Sie es der Gruppe „video“ hinzu, zum Beispiel in der Benutzerverwaltung des Systems, und melden Sie sich dann ab und wieder an.</translation>
    </message>
    <message>
        <source>Videos and images ({patterns})</source>
        <translation>Videos und Bilder ({patterns})</translation>
    </message>
    <message>
        <source>Open a video or an image</source>
        <translation>Video oder Bild öffnen</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Status</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Faces: {count}</source>
        <translation>Gesichter: {count}</translation>
    </message>
    <message>
        <source>{rate} fps</source>
        <translation>{rate} Bilder/s</translation>
    </message>
    <message>
        <source>Dropped: {count}</source>
        <translation>Ausgelassen: {count}</translation>
    </message>
    <message>
        <source>Frames received per second</source>
        <translation>Empfangene Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Frames shown but not recognized because recognition was still busy</source>
        <translation>Bilder, die gezeigt, aber nicht erkannt wurden, weil die Erkennung noch beschäftigt war</translation>
    </message>
    <message>
        <source>camera {number}</source>
        <translation>Kamera {number}</translation>
    </message>
    <message>
        <source>{source}: paused</source>
        <translation>{source}: angehalten</translation>
    </message>
    <message>
        <source>{source}: opening</source>
        <translation>{source}: wird geöffnet</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>Keine Verbindung</translation>
    </message>
    <message>
        <source>Heatmap: loading</source>
        <translation>Heatmap: wird geladen</translation>
    </message>
    <message>
        <source>Heatmap: on</source>
        <translation>Heatmap: an</translation>
    </message>
    <message>
        <source>{source}: reconnecting</source>
        <translation>{source}: wird neu verbunden</translation>
    </message>
    <message>
        <source>{source}: unavailable</source>
        <translation>{source}: nicht verfügbar</translation>
    </message>
    <message>
        <source>{source}: ended</source>
        <translation>{source}: zu Ende</translation>
    </message>
    <message>
        <source>{source}, {wide} × {high}</source>
        <translation>{source}, {wide} × {high}</translation>
    </message>
    <message>
        <source>Log: not written</source>
        <translation>Protokoll: wird nicht geschrieben</translation>
    </message>
    <message>
        <source>Log: on</source>
        <translation>Protokoll: an</translation>
    </message>
    <message>
        <source>Log: starting</source>
        <translation>Protokoll: beginnt gleich</translation>
    </message>
    <message>
        <source>Log: off</source>
        <translation>Protokoll: aus</translation>
    </message>
    <message>
        <source>Results are not logged</source>
        <translation>Ergebnisse werden nicht protokolliert</translation>
    </message>
    <message>
        <source>Connections of this program to other computers, as the system lists them</source>
        <translation>Verbindungen dieses Programms zu anderen Computern, wie das System sie nennt</translation>
    </message>
    <message>
        <source>Network cameras in use. This system does not list the connections of a program.</source>
        <translation>Netzwerkkameras in Gebrauch. Dieses System nennt die Verbindungen eines Programms nicht.</translation>
    </message>
    <message>
        <source>Connected to {host}</source>
        <translation>Verbunden mit {host}</translation>
    </message>
</context>
<context>
    <name>StepBar</name>
    <message>
        <source>Step {number} of {count}: {name}</source>
        <translation>Schritt {number} von {count}: {name}</translation>
    </message>
</context>
<context>
    <name>StorageView</name>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>Nothing leaves this computer. Video frames are processed here and not stored, except in snapshots, recordings, the photos of people you enroll and the faces you reject. The log contains names, distances, expressions and times, but no images. You can view and delete everything that is stored.</source>
        <translation>Nichts verlässt diesen Computer. Videobilder werden hier verarbeitet und nicht gespeichert, außer in Schnappschüssen, Aufnahmen, den Fotos der Personen, die Sie einlernen, und den Gesichtern, die Sie zurückweisen. Das Protokoll enthält Namen, Abstände, Ausdruck und Zeiten, aber keine Bilder. Sie können alles Gespeicherte ansehen und löschen.</translation>
    </message>
    <message>
        <source>People and their photos</source>
        <translation>Personen und ihre Fotos</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>These settings</source>
        <translation>Diese Einstellungen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open folder: {what}</source>
        <translation>Ordner öffnen: {what}</translation>
    </message>
    <message>
        <source>Nothing leaves this computer. Video frames are processed here and not stored, except in snapshots, recordings, the photos of people you enroll and the faces you reject. The log contains names, distances and times, but no images. You can view and delete everything that is stored.</source>
        <translation>Nichts verlässt diesen Computer. Videobilder werden hier verarbeitet und nicht gespeichert, außer in Schnappschüssen, Aufnahmen, den Fotos der Personen, die Sie einlernen, und den Gesichtern, die Sie zurückweisen. Das Protokoll enthält Namen, Abstände und Zeiten, aber keine Bilder. Sie können alles Gespeicherte ansehen und löschen.</translation>
    </message>
</context>
<context>
    <name>TaughtList</name>
    <message>
        <source>Taught objects</source>
        <translation>Bekannte Gegenstände</translation>
    </message>
    <message>
        <source>The bars show how likely each object is in the video now. ✓ marks the one that is recognized: it also looks like the views that were taught.</source>
        <translation>Die Balken zeigen, wie wahrscheinlich jeder Gegenstand gerade im Video ist. ✓ steht beim erkannten: Er gleicht auch den gelernten Ansichten.</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>{label} ({count} views)</source>
        <translation>{label} ({count} Ansichten)</translation>
    </message>
    <message>
        <source>Restore {label}</source>
        <translation>{label} wiederherstellen</translation>
    </message>
    <message>
        <source>{share}%</source>
        <translation>{share} %</translation>
    </message>
    <message>
        <source>{share}, recognized</source>
        <translation>{share}, erkannt</translation>
    </message>
</context>
<context>
    <name>TeachPanel</name>
    <message>
        <source>Enter the name of the object first, then add the photos again.</source>
        <translation>Geben Sie zuerst den Namen des Gegenstands ein, dann fügen Sie die Fotos noch einmal hinzu.</translation>
    </message>
    <message>
        <source>Enter a name and press Teach. Keep the object out of view for two seconds, then show it to the camera for ten seconds: turn it and move it closer and farther away. No images are stored.</source>
        <translation>Geben Sie einen Namen ein und drücken Sie Anlernen. Halten Sie den Gegenstand zwei Sekunden aus dem Bild, dann zehn Sekunden vor die Kamera: Drehen Sie ihn, mal näher, mal weiter weg. Es werden keine Bilder gespeichert.</translation>
    </message>
    <message>
        <source>Name of the object</source>
        <translation>Name des Gegenstands</translation>
    </message>
    <message>
        <source>Teach</source>
        <translation>Anlernen</translation>
    </message>
    <message>
        <source>From photos…</source>
        <translation>Aus Fotos …</translation>
    </message>
    <message>
        <source>Teach the object from photos instead. You can also drop them on this panel.</source>
        <translation>Den Gegenstand stattdessen aus Fotos anlernen. Sie können sie auch hierher ziehen.</translation>
    </message>
    <message>
        <source>Choose photos…</source>
        <translation>Fotos wählen …</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation>{count} weitere</translation>
    </message>
    <message>
        <source>Could not be read as an image: {files}.</source>
        <translation>Nicht als Bild lesbar: {files}.</translation>
    </message>
    <message>
        <source>Folder of photos</source>
        <translation>Ordner mit Fotos</translation>
    </message>
    <message>
        <source>held-out views</source>
        <translation>Testansichten</translation>
    </message>
    <message>
        <source>Confusion matrix of the held-out views</source>
        <translation>Verwechslungsmatrix der Testansichten</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Wird vorbereitet …</translation>
    </message>
    <message>
        <source>Reading the photos of {label}…</source>
        <translation>Die Fotos von {label} werden gelesen …</translation>
    </message>
    <message>
        <source>Keep {label} out of view.</source>
        <translation>Halten Sie {label} aus dem Bild.</translation>
    </message>
    <message>
        <source>Now show it to the camera: turn it and move it closer and farther away. Different views so far: {count}.</source>
        <translation>Jetzt vor die Kamera halten und drehen, mal näher, mal weiter weg. Bisher verschiedene Ansichten: {count}.</translation>
    </message>
    <message>
        <source>Learning…</source>
        <translation>Wird gelernt …</translation>
    </message>
    <message>
        <source>{label} is taught: {count} views. {accuracy}% of the held-out views are named correctly.</source>
        <translation>{label} ist ab jetzt bekannt: {count} Ansichten. {accuracy} % der Testansichten werden richtig benannt.</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>Fertig.</translation>
    </message>
</context>
<context>
    <name>ThresholdControls</name>
    <message>
        <source>Match threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Fi&amp;xed at</source>
        <translation>&amp;Fest bei</translation>
    </message>
    <message>
        <source>Fixed match threshold</source>
        <translation>Feste Schwelle</translation>
    </message>
    <message>
        <source>1 stranger in {count}</source>
        <translation>1 von {count} Fremden</translation>
    </message>
    <message>
        <source>&amp;Automatic:</source>
        <translation>Au&amp;tomatisch:</translation>
    </message>
    <message>
        <source>Strangers named</source>
        <translation>Fremde, die einen Namen bekommen</translation>
    </message>
</context>
<context>
    <name>ThresholdStudio</name>
    <message>
        <source>Enroll a person</source>
        <translation>Person einlernen</translation>
    </message>
    <message>
        <source>A face gets the name of the nearest person if the distance to a photo, or to the mean of the person&apos;s photos, is below the match threshold. A lower threshold names fewer strangers; a higher one leaves fewer people unnamed.</source>
        <translation>Ein Gesicht bekommt den Namen der nächsten Person, wenn der Abstand zu einem ihrer Fotos oder zu deren Mittel unter der Schwelle liegt. Mit einer niedrigeren Schwelle bekommen weniger Fremde einen Namen; mit einer höheren bleiben weniger Bekannte ohne Namen.</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Revert</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Another network was chosen. Thresholds can be tried as soon as it is in use.</source>
        <translation>Ein anderes Netz wurde gewählt. Schwellen lassen sich ausprobieren, sobald es in Gebrauch ist.</translation>
    </message>
    <message>
        <source>Measuring distances…</source>
        <translation>Abstände werden gemessen …</translation>
    </message>
    <message>
        <source>Your gallery is empty, so every face stays unnamed. Enroll one person to see how many strangers would get their name, and a second person to see how similar the two are.</source>
        <translation>Ihre Galerie ist leer, daher bleibt jedes Gesicht ohne Namen. Lernen Sie eine Person ein, um zu sehen, wie viele Fremde ihren Namen bekämen, und eine zweite, um zu sehen, wie ähnlich sich beide sind.</translation>
    </message>
    <message>
        <source>Objects mode does not compare faces. Switch to Faces to try thresholds.</source>
        <translation>Im Modus „Gegenstände“ werden keine Gesichter verglichen. Wechseln Sie zu „Gesichter“, um Schwellen auszuprobieren.</translation>
    </message>
    <message>
        <source>Loading the gallery…</source>
        <translation>Die Galerie wird geladen …</translation>
    </message>
    <message>
        <source>People with a photo within the match threshold of another person: {count} of {people}.</source>
        <translation>Personen mit einem Foto, das näher als die Schwelle an einer anderen Person liegt: {count} von {people}.</translation>
    </message>
    <message>
        <source>People with a lower threshold of their own, whom many faces resemble or whose photos are very similar: {count}.</source>
        <translation>Personen mit einer eigenen, niedrigeren Schwelle, weil ihnen viele Gesichter ähneln oder ihre Fotos einander sehr ähnlich sind: {count}.</translation>
    </message>
    <message>
        <source>The share of unnamed sightings is from a public data set until {people} people have two or more photos each.</source>
        <translation>Der Anteil der Sichtungen ohne Namen stammt aus einem öffentlichen Datensatz, bis {people} Personen je zwei oder mehr Fotos haben.</translation>
    </message>
    <message>
        <source>No face in the video is being compared.</source>
        <translation>Im Bild wird gerade kein Gesicht verglichen.</translation>
    </message>
    <message>
        <source>Saved in {path}.</source>
        <translation>Gespeichert in {path}.</translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>Notification</source>
        <translation>Mitteilung</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>watching</source>
        <translation>beobachtet</translation>
    </message>
    <message>
        <source>watching and recording</source>
        <translation>beobachtet und nimmt auf</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>no video</source>
        <translation>kein Video</translation>
    </message>
    <message>
        <source>facecam keeps running. To quit it, use the menu of its icon.</source>
        <translation>facecam läuft weiter. Zum Beenden verwenden Sie das Menü des Symbols.</translation>
    </message>
    <message>
        <source>&amp;Show window</source>
        <translation>Fenster &amp;anzeigen</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>facecam: {state}</source>
        <translation>facecam: {state}</translation>
    </message>
</context>
<context>
    <name>UnlockController</name>
    <message>
        <source>Locked gallery</source>
        <translation>Gesperrte Galerie</translation>
    </message>
    <message>
        <source>The gallery is locked, so no one is recognized by name.</source>
        <translation>Die Galerie ist gesperrt, daher wird niemand mit Namen erkannt.</translation>
    </message>
    <message>
        <source>The gallery was encrypted. The people loaded before are still recognized, changes are not possible.</source>
        <translation>Die Galerie wurde verschlüsselt. Die zuvor geladenen Personen werden weiter erkannt, Änderungen sind nicht möglich.</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>Entsperren…</translation>
    </message>
    <message>
        <source>The gallery is unlocked.</source>
        <translation>Die Galerie ist entsperrt.</translation>
    </message>
</context>
<context>
    <name>Verdicts</name>
    <message>
        <source>{file}: added</source>
        <translation>{file}: hinzugefügt</translation>
    </message>
    <message>
        <source>{file}: refused, {reason}</source>
        <translation>{file}: abgelehnt, {reason}</translation>
    </message>
    <message>
        <source>No photos were added: they do not all look like one person (distance {distance}): {files}. If they do show {name}, add them anyway.</source>
        <translation>Es wurden keine Fotos hinzugefügt: Nicht alle sehen nach einer Person aus (Abstand {distance}): {files}. Zeigen sie doch {name}, fügen Sie sie trotzdem hinzu.</translation>
    </message>
    <message>
        <source>No photos were added: they look like {rival}, who is already enrolled (distance {distance}). If they do show {name}, add them anyway.</source>
        <translation>Nichts hinzugefügt: Die Fotos sehen nach {rival} aus, schon eingelernt (Abstand {distance}). Zeigen sie doch {name}, können Sie sie trotzdem hinzufügen.</translation>
    </message>
    <message>
        <source>The files contain no images.</source>
        <translation>Unter den Dateien ist kein Bild.</translation>
    </message>
    <message>
        <source>Photos for {name}. Added: {added}, already there: {there}, refused: {refused}.</source>
        <translation>Fotos für {name}. Hinzugefügt: {added}, schon da: {there}, abgelehnt: {refused}.</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Live video</source>
        <translation>Livebild</translation>
    </message>
    <message>
        <source>Choose a face with the arrow keys and open its menu with Enter.</source>
        <translation>Mit den Pfeiltasten ein Gesicht wählen, mit der Eingabetaste sein Menü öffnen.</translation>
    </message>
    <message>
        <source>In view: {names}.</source>
        <translation>Im Bild: {names}.</translation>
    </message>
    <message>
        <source>No one is in view.</source>
        <translation>Niemand ist im Bild.</translation>
    </message>
</context>
<context>
    <name>ViewOptions</name>
    <message>
        <source>Objects mode does not detect faces, so strangers are not covered.</source>
        <translation>Im Modus „Gegenstände“ werden keine Gesichter gesucht und daher keine Fremden abgedeckt.</translation>
    </message>
    <message>
        <source>Press H or Escape to show the controls again.</source>
        <translation>Mit H oder Escape erscheinen die Bedienelemente wieder.</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Choose another…</source>
        <translation>Eine andere wählen …</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Datei öffnen …</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>No face is visible. Choose a face in the video to ask about it.</source>
        <translation>Es ist kein Gesicht zu sehen. Wählen Sie ein Gesicht im Bild, um nach ihm zu fragen.</translation>
    </message>
    <message>
        <source>Threshold studio</source>
        <translation>Schwellen-Studio</translation>
    </message>
    <message>
        <source>Saved as {path}. The file has biometric data and is readable by you only. Store it encrypted, and delete it when it is not needed.</source>
        <translation>Gespeichert als {path}. Die Datei enthält biometrische Daten und ist nur für Sie lesbar. Bewahren Sie sie verschlüsselt auf, und löschen Sie sie, wenn sie nicht mehr gebraucht wird.</translation>
    </message>
    <message>
        <source>The removal of {name} is finished.</source>
        <translation>Das Entfernen von {name} ist abgeschlossen.</translation>
    </message>
    <message>
        <source>Show the result</source>
        <translation>Ergebnis zeigen</translation>
    </message>
    <message>
        <source>Bright areas make a face similar to the photo it was compared with. Faces without a name have no heatmap.</source>
        <translation>Helle Bereiche machen ein Gesicht dem verglichenen Foto ähnlich. Gesichter ohne Namen haben keine Heatmap.</translation>
    </message>
    <message>
        <source>Bright areas support the first label.</source>
        <translation>Helle Bereiche sprechen für die erste Bezeichnung.</translation>
    </message>
    <message>
        <source>Saved as {path}</source>
        <translation>Gespeichert als {path}</translation>
    </message>
    <message>
        <source>The window changes as soon as the open question or text is finished.</source>
        <translation>Das Fenster ändert sich, sobald die offene Frage oder der Text erledigt ist.</translation>
    </message>
    <message>
        <source>Recording saved as {path}</source>
        <translation>Aufnahme gespeichert als {path}</translation>
    </message>
    <message>
        <source>Demo without a camera</source>
        <translation>Vorführung ohne Kamera</translation>
    </message>
    <message>
        <source>There is no video to save yet.</source>
        <translation>Es gibt noch kein Bild zum Speichern.</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>An internal error occurred ({kind}). You can continue; please report it with the terminal output.</source>
        <translation>Ein interner Fehler ist aufgetreten ({kind}). Sie können weitermachen; bitte melden Sie ihn mit der Ausgabe im Terminal.</translation>
    </message>
</context>
<context>
    <name>WindowHost</name>
    <message>
        <source>{path} cannot be written</source>
        <translation>{path} kann nicht geschrieben werden</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>angry</source>
        <translation>verärgert</translation>
    </message>
    <message>
        <source>disgust</source>
        <translation>Ekel</translation>
    </message>
    <message>
        <source>fear</source>
        <translation>Angst</translation>
    </message>
    <message>
        <source>happy</source>
        <translation>fröhlich</translation>
    </message>
    <message>
        <source>sad</source>
        <translation>traurig</translation>
    </message>
    <message>
        <source>surprise</source>
        <translation>überrascht</translation>
    </message>
    <message>
        <source>neutral</source>
        <translation>neutral</translation>
    </message>
    <message>
        <source>unclear</source>
        <translation>unklar</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>Unsicher</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>distance {distance}</source>
        <translation>Abstand {distance}</translation>
    </message>
    <message>
        <source>{word} {percent} %</source>
        <translation>{word} {percent} %</translation>
    </message>
    <message>
        <source>d MMMM yyyy</source>
        <translation>d. MMMM yyyy</translation>
    </message>
</context>
</TS>
