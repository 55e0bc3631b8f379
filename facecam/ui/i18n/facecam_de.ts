<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
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
        <source>Vi&amp;deo</source>
        <translation>&amp;Bild</translation>
    </message>
    <message>
        <source>&amp;Camera</source>
        <translation>&amp;Kamera</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>P&amp;eople</source>
        <translation>&amp;Personen</translation>
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
        <source>Recognize faces and their expressions</source>
        <translation>Gesichter und ihren Ausdruck erkennen</translation>
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
        <source>Pause a file, or show its next frame</source>
        <translation>Eine Datei anhalten oder ihr nächstes Bild zeigen</translation>
    </message>
    <message>
        <source>Play a file again from its beginning at its end</source>
        <translation>Eine Datei am Ende wieder von vorn abspielen</translation>
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
        <source>Apply the naming or rejection again that was undone last</source>
        <translation>Die zuletzt rückgängig gemachte Benennung oder Ablehnung wiederholen</translation>
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
        <source>Blur strangers</source>
        <translation>Fremde unscharf</translation>
    </message>
    <message>
        <source>Blur all unknown people in the window, in snapshots and in recordings</source>
        <translation>Alle unbekannten Personen unkenntlich machen: im Fenster, in Schnappschüssen und in Aufnahmen</translation>
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
        <source>&amp;Address of the camera:</source>
        <translation>A&amp;dresse der Kamera:</translation>
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
        <source>No camera found. Connect one and search again, or use the demo.</source>
        <translation>Keine Kamera gefunden. Schließen Sie eine an und suchen Sie erneut, oder nehmen Sie die Vorführung.</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
    <message>
        <source>Camera {number}</source>
        <translation>Kamera {number}</translation>
    </message>
    <message>
        <source>Demo without a camera</source>
        <translation>Vorführung ohne Kamera</translation>
    </message>
</context>
<context>
    <name>CameraMenu</name>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>Videos and images ({patterns})</source>
        <translation>Videos und Bilder ({patterns})</translation>
    </message>
    <message>
        <source>Open a video or an image</source>
        <translation>Video oder Bild öffnen</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
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
        <source>&amp;Begin</source>
        <translation>Be&amp;ginnen</translation>
    </message>
    <message>
        <source>Choose &amp;photos…</source>
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
        <source>{name} is already enrolled. The new photos are added.</source>
        <translation>{name} ist schon eingelernt. Die neuen Fotos kommen hinzu.</translation>
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
        <source>&amp;Freeze</source>
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
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>&amp;Weiter</translation>
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
        <source>&amp;Start</source>
        <translation>&amp;Loslegen</translation>
    </message>
    <message>
        <source>&amp;Skip the first steps</source>
        <translation>Erste &amp;Schritte überspringen</translation>
    </message>
    <message>
        <source>&amp;Skip this step</source>
        <translation>Diesen &amp;Schritt überspringen</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>S&amp;chließen</translation>
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
    <name>GalleryCommands</name>
    <message>
        <source>Undone: {command}</source>
        <translation>Rückgängig gemacht: {command}</translation>
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
        <source>Removed photos of {name}: {count}.</source>
        <translation>Entfernte Fotos von {name}: {count}.</translation>
    </message>
    <message>
        <source>Merged {name} into {into}. Moved photos: {count}.</source>
        <translation>{name} wurde mit {into} zusammengeführt. Verschobene Fotos: {count}.</translation>
    </message>
    <message>
        <source>These files could not be deleted, delete them yourself: {files}</source>
        <translation>Diese Dateien konnten nicht gelöscht werden, löschen Sie sie selbst: {files}</translation>
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
        <source>Folder: {path}</source>
        <translation>Ordner: {path}</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Ordner öffnen</translation>
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
        <source>the cached embedding differs from the computed one: delete .cache</source>
        <translation>das Embedding im Cache weicht vom berechneten ab: bitte .cache löschen</translation>
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
        <translation>Name</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>NetworkSuggestion</name>
    <message>
        <source>Suggestion</source>
        <translation>Vorschlag</translation>
    </message>
    <message>
        <source>With high accuracy, {high_accuracy} of your {photos} photos are named right when each is compared with the others; with nn4.small2, {default}.</source>
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
        <source>The video appears as soon as strangers can be blurred</source>
        <translation>Das Bild erscheint, sobald Fremde unkenntlich gemacht werden können</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>Noch einmal abspielen</translation>
    </message>
    <message>
        <source>No video</source>
        <translation>Kein Bild</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
    <message>
        <source>Cameras on this computer:</source>
        <translation>Kameras an diesem Computer:</translation>
    </message>
    <message>
        <source>This computer has no camera connected.</source>
        <translation>An diesen Computer ist keine Kamera angeschlossen.</translation>
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
        <source>Unknown visitors</source>
        <translation>Unbekannte Besucher</translation>
    </message>
    <message>
        <source>{name}?</source>
        <translation>{name}?</translation>
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
    <message>
        <source>not sure</source>
        <translation>nicht sicher</translation>
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
        <source>Remove person…</source>
        <translation>Person entfernen …</translation>
    </message>
    <message>
        <source>d MMMM yyyy</source>
        <comment>a date, as QLocale writes it</comment>
        <translation>d. MMMM yyyy</translation>
    </message>
    <message>
        <source>{photos}. Enrolled on {date}.</source>
        <translation>{photos}. Eingelernt am {date}.</translation>
    </message>
    <message>
        <source>Consent: {text}</source>
        <translation>Einwilligung: {text}</translation>
    </message>
    <message>
        <source>No consent is recorded. You can add it to person.toml in the folder.</source>
        <translation>Keine Einwilligung vermerkt. Sie lässt sich in person.toml im Ordner eintragen.</translation>
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
        <source>Result for each photo</source>
        <translation>Ergebnis für jedes Foto</translation>
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
        <source>Choose &amp;faces ({count})</source>
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
        <source>&amp;Skip this pose</source>
        <translation>P&amp;ose überspringen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
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
    <name>RecordingBadge</name>
    <message>
        <source>Recording, {time}</source>
        <translation>Aufnahme läuft, {time}</translation>
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
        <source>Unknown visitors: {duration}</source>
        <translation>Unbekannte Besucher: {duration}</translation>
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
        <source>Detect photos of faces</source>
        <translation>Fotos von Gesichtern erkennen</translation>
    </message>
    <message>
        <source>A face that moves like a photo for two seconds is unsure. This detects many photos of a face, but does not replace access control.</source>
        <translation>Ein Gesicht, das sich zwei Sekunden lang wie ein Foto bewegt, ist unsicher. Das erkennt viele Fotos von Gesichtern, ersetzt aber keine Zugangskontrolle.</translation>
    </message>
    <message>
        <source>Expressions</source>
        <translation>Ausdruck</translation>
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
        <source>The time per face is being measured…</source>
        <translation>Die Zeit je Gesicht wird gemessen …</translation>
    </message>
    <message>
        <source>Time per face on this computer: nn4.small2 {default} ms, high accuracy {high_accuracy} ms.</source>
        <translation>Zeit je Gesicht auf diesem Computer: nn4.small2 {default} ms, hohe Genauigkeit {high_accuracy} ms.</translation>
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
        <source>Window</source>
        <translation>Fenster</translation>
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
        <source>Takes effect at the next start.</source>
        <translation>Gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Camera settings take effect when the camera is reopened.</source>
        <translation>Die Kamera übernimmt die Einstellungen, wenn sie neu geöffnet wird.</translation>
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
        <source>Nothing leaves this computer. Video frames are processed here and discarded. You can view and delete everything that is stored. The log contains names, distances and times, but no images.</source>
        <translation>Nichts verlässt diesen Rechner. Videobilder werden hier verarbeitet und verworfen. Sie können alles Gespeicherte ansehen und löschen. Das Protokoll enthält Namen, Abstände und Zeiten, aber keine Bilder.</translation>
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
</context>
<context>
    <name>TaughtList</name>
    <message>
        <source>Taught objects</source>
        <translation>Bekannte Gegenstände</translation>
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
</context>
<context>
    <name>TeachPanel</name>
    <message>
        <source>Enter a name and press Teach. Keep the object out of view for two seconds, then show it to the camera for ten: turn it and move it closer and farther away. No images are stored.</source>
        <translation>Geben Sie einen Namen ein und drücken Sie Lehren. Halten Sie den Gegenstand zwei Sekunden aus dem Bild, dann zehn Sekunden vor die Kamera: Drehen Sie ihn, mal näher, mal weiter weg. Es werden keine Bilder gespeichert.</translation>
    </message>
    <message>
        <source>Name of the object</source>
        <translation>Name des Gegenstands</translation>
    </message>
    <message>
        <source>Teach</source>
        <translation>Lehren</translation>
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
        <source>Fixed match threshold</source>
        <translation>Feste Schwelle</translation>
    </message>
    <message>
        <source>&amp;Automatic:</source>
        <translation>Au&amp;tomatisch:</translation>
    </message>
    <message>
        <source>&amp;Fixed at</source>
        <translation>&amp;Fest bei</translation>
    </message>
    <message>
        <source>Strangers named</source>
        <translation>Fremde, die einen Namen bekommen</translation>
    </message>
    <message>
        <source>at most 1 stranger in {count} named</source>
        <translation>höchstens 1 von {count} Fremden</translation>
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
    <name>Verdicts</name>
    <message>
        <source>{file}: rejected, {reason}</source>
        <translation>{file}: abgelehnt, {reason}</translation>
    </message>
    <message>
        <source>{file}: added</source>
        <translation>{file}: hinzugefügt</translation>
    </message>
    <message>
        <source>{file}: good</source>
        <translation>{file}: gut</translation>
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
        <source>Photos for {name}. Added: {added}, already there: {there}, rejected: {refused}.</source>
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
</context>
<context>
    <name>ViewOptions</name>
    <message>
        <source>Objects mode does not detect faces, so strangers are not blurred.</source>
        <translation>Im Modus „Gegenstände“ werden keine Gesichter gesucht und daher keine Fremden unkenntlich gemacht.</translation>
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
        <source>Open the demo</source>
        <translation>Vorführung öffnen</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Threshold studio</source>
        <translation>Schwellen-Studio</translation>
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
        <source>Recording saved as {path}</source>
        <translation>Aufnahme gespeichert als {path}</translation>
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
</context>
</TS>
