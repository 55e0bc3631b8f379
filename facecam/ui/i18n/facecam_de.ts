<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Picture</source>
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
        <source>Recognize what is held up</source>
        <translation>Erkennen, was hochgehalten wird</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Hold the picture; nothing is recognized or logged meanwhile</source>
        <translation>Das Bild anhalten; solange wird nichts erkannt und nichts protokolliert</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>Schnappschuss</translation>
    </message>
    <message>
        <source>Save the picture as it is shown</source>
        <translation>Das Bild speichern, wie es zu sehen ist</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Record what is shown as a video</source>
        <translation>Als Video aufnehmen, was zu sehen ist</translation>
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
        <source>Demo, without a camera</source>
        <translation>Vorführung, ohne Kamera</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Show the picture like a mirror</source>
        <translation>Das Bild wie in einem Spiegel zeigen</translation>
    </message>
    <message>
        <source>Blur strangers</source>
        <translation>Fremde unscharf</translation>
    </message>
    <message>
        <source>Blur everybody who is not known: here, in snapshots and in recordings</source>
        <translation>Alle unkenntlich machen, die nicht bekannt sind: hier, in Schnappschüssen und in Aufnahmen</translation>
    </message>
    <message>
        <source>Figures beside faces</source>
        <translation>Zahlen neben Gesichtern</translation>
    </message>
    <message>
        <source>Show distances and percentages beside the faces</source>
        <translation>Abstände und Prozente neben den Gesichtern zeigen</translation>
    </message>
    <message>
        <source>What decided</source>
        <translation>Was entschied</translation>
    </message>
    <message>
        <source>Lay over the picture what made the face like its photo, or what speaks for the label</source>
        <translation>Über das Bild legen, was das Gesicht dem Foto ähnlich macht oder für den Namen des Gegenstands spricht</translation>
    </message>
    <message>
        <source>Only the picture</source>
        <translation>Nur das Bild</translation>
    </message>
    <message>
        <source>Hide everything but the picture</source>
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
        <source>Take back what was last said of a face</source>
        <translation>Rückgängig machen, was zuletzt über ein Gesicht gesagt wurde</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Show all keys</source>
        <translation>Alle Tasten zeigen</translation>
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
    <name>RecordingBadge</name>
    <message>
        <source>Recording, {time}</source>
        <translation>Aufnahme läuft, {time}</translation>
    </message>
</context>
<context>
    <name>CameraChoice</name>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>No camera was found on this computer. Plug one in and look again, or take the demo.</source>
        <translation>An diesem Rechner wurde keine Kamera gefunden. Eine anschließen und erneut suchen, oder die Vorführung nehmen.</translation>
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
        <source>Demo, without a camera</source>
        <translation>Vorführung, ohne Kamera</translation>
    </message>
</context>
<context>
    <name>CameraMenu</name>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>Films and pictures ({patterns})</source>
        <translation>Filme und Bilder ({patterns})</translation>
    </message>
    <message>
        <source>Open a film or a picture</source>
        <translation>Film oder Bild öffnen</translation>
    </message>
    <message>
        <source>No camera was found</source>
        <translation>Es wurde keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
</context>
<context>
    <name>CameraScenes</name>
    <message>
        <source>The picture comes from elsewhere now: begin again.</source>
        <translation>Das Bild kommt jetzt von woanders: bitte neu beginnen.</translation>
    </message>
    <message>
        <source>Taken back: these pictures of {name} are not in the gallery any more.</source>
        <translation>Rückgängig gemacht: Diese Bilder von {name} sind nicht mehr in der Galerie.</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>Recognition is being prepared.</source>
        <translation>Die Erkennung wird vorbereitet.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>There is no picture any more, so that nothing can be tested.</source>
        <translation>Es kommt kein Bild mehr, also lässt sich nichts prüfen.</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Which pictures shall be kept?</source>
        <translation>Welche Bilder behalten?</translation>
    </message>
    <message>
        <source>Pictures that will be kept: {kept} of {count}. Pictures that differ are what helps.</source>
        <translation>Bilder, die behalten werden: {kept} von {count}. Was hilft, sind verschiedene Bilder.</translation>
    </message>
    <message>
        <source>Go on choosing</source>
        <translation>Weiter auswählen</translation>
    </message>
    <message>
        <source>Throw them away</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Throw the pictures away?</source>
        <translation>Bilder verwerfen?</translation>
    </message>
    <message>
        <source>Nothing has been saved yet.</source>
        <translation>Noch ist nichts gespeichert.</translation>
    </message>
    <message>
        <source>Yes, the same person</source>
        <translation>Ja, dieselbe Person</translation>
    </message>
    <message>
        <source>No, somebody else</source>
        <translation>Nein, jemand anderes</translation>
    </message>
    <message>
        <source>Back to the pictures</source>
        <translation>Zurück zu den Bildern</translation>
    </message>
    <message>
        <source>Is this the same person as {rival}?</source>
        <translation>Ist das dieselbe Person wie {rival}?</translation>
    </message>
    <message>
        <source>{rival} is enrolled already and looks almost the same. If they are one person, {rival} gains the pictures.</source>
        <translation>{rival} ist schon eingelernt und sieht fast gleich aus. Ist es dieselbe Person, bekommt {rival} die Bilder.</translation>
    </message>
    <message>
        <source>Look into the camera once more.</source>
        <translation>Bitte noch einmal in die Kamera sehen.</translation>
    </message>
    <message>
        <source>Finish without the test</source>
        <translation>Ohne Probe abschließen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>{name} is enrolled. Now it is tried out.</source>
        <translation>{name} ist eingelernt. Jetzt folgt die Probe.</translation>
    </message>
    <message>
        <source>Self-test</source>
        <translation>Probe</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Test again</source>
        <translation>Noch einmal prüfen</translation>
    </message>
    <message>
        <source>&amp;Retake pictures</source>
        <translation>Bilder &amp;neu aufnehmen</translation>
    </message>
    <message>
        <source>The pictures are saved all the same; more and other pictures may help.</source>
        <translation>Die Bilder sind trotzdem gespeichert; mehr und andere Bilder helfen vielleicht.</translation>
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
        <source>None of the pictures adds anything to what is there already, or none was kept. Take some again.</source>
        <translation>Keines der Bilder bringt Neues zu dem, was schon da ist, oder keines wurde behalten. Bitte neue aufnehmen.</translation>
    </message>
    <message>
        <source>Nothing was saved</source>
        <translation>Nichts gespeichert</translation>
    </message>
</context>
<context>
    <name>ChecklistView</name>
    <message>
        <source>What the picture must have</source>
        <translation>Was das Bild haben muss</translation>
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
        <source>{check}: not yet looked at</source>
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
        <source>There is nobody else to be mistaken for: enroll a second person to see how far apart they are.</source>
        <translation>Es gibt niemanden zum Verwechseln: Eine zweite Person einlernen, um zu sehen, wie weit beide auseinanderliegen.</translation>
    </message>
    <message>
        <source>{distance} apart: nearer than the threshold. Only the margin keeps one from getting the other&apos;s name.</source>
        <translation>Abstand {distance}: kleiner als die Schwelle. Nur der Vorsprung verhindert, dass eine Person den Namen der anderen bekommt.</translation>
    </message>
    <message>
        <source>{distance} apart: farther than the threshold.</source>
        <translation>Abstand {distance}: größer als die Schwelle.</translation>
    </message>
</context>
<context>
    <name>ConflictView</name>
    <message>
        <source>The new picture</source>
        <translation>Das neue Bild</translation>
    </message>
    <message>
        <source>{name}, enrolled</source>
        <translation>{name}, eingelernt</translation>
    </message>
    <message>
        <source>Distance {distance}: the smaller, the more alike; 0 is the same picture.</source>
        <translation>Abstand {distance}: je kleiner, desto ähnlicher; 0 ist dasselbe Bild.</translation>
    </message>
</context>
<context>
    <name>Consent</name>
    <message>
        <source>This person agrees that pictures of their face are kept on this computer, so that it recognizes them.</source>
        <translation>Diese Person ist einverstanden, dass Bilder ihres Gesichts auf diesem Rechner aufbewahrt werden, damit er sie erkennt.</translation>
    </message>
    <message>
        <source>Pictures and logs stay on this computer: facecam sends nothing anywhere, and you can remove anybody at any time.</source>
        <translation>Bilder und Protokolle bleiben auf diesem Rechner: facecam sendet nichts irgendwohin, und jede Person lässt sich jederzeit entfernen.</translation>
    </message>
</context>
<context>
    <name>CorrectionController</name>
    <message>
        <source>Nothing is looked at any more: open a camera or a film first.</source>
        <translation>Es kommt kein Bild mehr: bitte erst eine Kamera oder einen Film öffnen.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Taken back.</source>
        <translation>Rückgängig gemacht.</translation>
    </message>
    <message>
        <source>This is not {name} any more.</source>
        <translation>Das ist nicht mehr {name}.</translation>
    </message>
    <message>
        <source>Named: {name}</source>
        <translation>Benannt: {name}</translation>
    </message>
    <message>
        <source>The face has gone: nothing was changed.</source>
        <translation>Das Gesicht ist weg: Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>There is nothing to take back.</source>
        <translation>Es gibt nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>There is no picture of this face yet that is good enough: it should look at the camera, near by.</source>
        <translation>Von diesem Gesicht gibt es noch kein Bild, das gut genug ist: Es sollte von nahem in die Kamera sehen.</translation>
    </message>
    <message>
        <source>Yes, this is {name}</source>
        <translation>Ja, das ist {name}</translation>
    </message>
    <message>
        <source>This looks like somebody else who is enrolled. Is it really {name}?</source>
        <translation>Das sieht nach jemand anderem aus, der schon eingelernt ist. Ist es wirklich {name}?</translation>
    </message>
    <message>
        <source>This looks like {rival}, who is enrolled already. Is it really {name}, somebody else?</source>
        <translation>Das sieht nach {rival} aus, schon eingelernt. Ist es wirklich jemand anderes, nämlich {name}?</translation>
    </message>
    <message>
        <source>No, it is {rival}</source>
        <translation>Nein, es ist {rival}</translation>
    </message>
</context>
<context>
    <name>CropCard</name>
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
        <source>Take a picture: {pose}</source>
        <translation>Bild aufnehmen: {pose}</translation>
    </message>
    <message>
        <source>Take this picture again: {pose}</source>
        <translation>Dieses Bild neu aufnehmen: {pose}</translation>
    </message>
</context>
<context>
    <name>Decisions</name>
    <message>
        <source>Near enough to one person, and far enough from all others.</source>
        <translation>Einer Person nah genug und von allen anderen weit genug entfernt.</translation>
    </message>
    <message>
        <source>Most of the last looks say so.</source>
        <translation>Die meisten der letzten Vergleiche sagen es.</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet.</source>
        <translation>Noch ist niemand eingelernt.</translation>
    </message>
    <message>
        <source>Nobody who is enrolled looks like this.</source>
        <translation>Niemand, der eingelernt ist, sieht so aus.</translation>
    </message>
    <message>
        <source>Like somebody who is enrolled, but not quite enough for the name.</source>
        <translation>Einer eingelernten Person ähnlich, aber nicht ganz genug für den Namen.</translation>
    </message>
    <message>
        <source>Like two people nearly equally.</source>
        <translation>Zwei Personen fast gleich ähnlich.</translation>
    </message>
    <message>
        <source>You said that this is not who it looks like.</source>
        <translation>Sie haben gesagt, dass es nicht die ähnlichste Person ist.</translation>
    </message>
    <message>
        <source>Another face in the picture has a better claim to this name.</source>
        <translation>Ein anderes Gesicht im Bild passt besser zu diesem Namen.</translation>
    </message>
    <message>
        <source>Not looked at often enough yet.</source>
        <translation>Noch nicht oft genug verglichen.</translation>
    </message>
    <message>
        <source>It moves as a photo does, and not as a head.</source>
        <translation>Es bewegt sich wie ein Foto und nicht wie ein Kopf.</translation>
    </message>
    <message>
        <source>The same face as just before: it need not be compared again.</source>
        <translation>Dasselbe Gesicht wie eben: Es muss nicht erneut verglichen werden.</translation>
    </message>
    <message>
        <source>Hardly a face: it is half hidden, or something else.</source>
        <translation>Kaum ein Gesicht: halb verdeckt oder etwas anderes.</translation>
    </message>
    <message>
        <source>The face is too far away: come nearer.</source>
        <translation>Das Gesicht ist zu weit weg: bitte näher kommen.</translation>
    </message>
    <message>
        <source>The edge of the picture cuts the face: move to the middle.</source>
        <translation>Der Bildrand schneidet das Gesicht ab: bitte in die Mitte rücken.</translation>
    </message>
    <message>
        <source>The face is blurred: hold still, or clean the camera.</source>
        <translation>Das Gesicht ist unscharf: bitte stillhalten oder die Kamera putzen.</translation>
    </message>
    <message>
        <source>The face is too dark: more light is needed.</source>
        <translation>Das Gesicht ist zu dunkel: Es fehlt Licht.</translation>
    </message>
    <message>
        <source>The face is too bright: less light is needed.</source>
        <translation>Das Gesicht ist zu hell: Es ist zu viel Licht.</translation>
    </message>
    <message>
        <source>The face is turned too far away: look at the camera.</source>
        <translation>Das Gesicht ist zu weit abgewandt: bitte in die Kamera sehen.</translation>
    </message>
    <message>
        <source>It looks like {name}, but you said that it is somebody else.</source>
        <translation>Es sieht nach {name} aus, aber Sie haben gesagt, dass es jemand anderes ist.</translation>
    </message>
    <message>
        <source>It looks like {name}, but another face here does so more.</source>
        <translation>Es sieht nach {name} aus, aber ein anderes Gesicht hier noch mehr.</translation>
    </message>
    <message>
        <source>It looks like {name}, but moves as a photo does.</source>
        <translation>Es sieht nach {name} aus, bewegt sich aber wie ein Foto.</translation>
    </message>
    <message>
        <source>Surely a face</source>
        <translation>Sicher ein Gesicht</translation>
    </message>
    <message>
        <source>Large enough</source>
        <translation>Groß genug</translation>
    </message>
    <message>
        <source>Not cut off</source>
        <translation>Nicht beschnitten</translation>
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
        <source>Not turned aside</source>
        <translation>Nicht seitwärts</translation>
    </message>
    <message>
        <source>Not up or down</source>
        <translation>Nicht auf oder ab</translation>
    </message>
    <message>
        <source>Not tilted</source>
        <translation>Nicht geneigt</translation>
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
        <source>Known as {name} by most of the last looks, though the last one alone does not say so.</source>
        <translation>Bekannt als {name} nach den meisten der letzten Vergleiche, auch wenn der letzte allein es nicht sagt.</translation>
    </message>
    <message>
        <source>Known as {name}: distance {distance} is under {threshold}, and nobody else is enrolled.</source>
        <translation>Bekannt als {name}: Der Abstand {distance} liegt unter {threshold}, und sonst ist niemand eingelernt.</translation>
    </message>
    <message>
        <source>Known as {name}: distance {distance} is under {threshold}, and the next person is {margin} farther away.</source>
        <translation>Bekannt als {name}: Der Abstand {distance} liegt unter {threshold}, und die nächste Person ist um {margin} weiter entfernt.</translation>
    </message>
    <message>
        <source>Unknown. {why}</source>
        <translation>Unbekannt. {why}</translation>
    </message>
    <message>
        <source>Unknown by most of the last looks, though the last one alone does not say so.</source>
        <translation>Unbekannt nach den meisten der letzten Vergleiche, auch wenn der letzte allein es nicht sagt.</translation>
    </message>
    <message>
        <source>Unknown: the nearest person, {name}, is {distance} away, and more than {limit} is too far.</source>
        <translation>Unbekannt: {name} ist am nächsten, mit Abstand {distance}, und mehr als {limit} ist zu weit.</translation>
    </message>
    <message>
        <source>Unsure. {why}</source>
        <translation>Unsicher. {why}</translation>
    </message>
    <message>
        <source>Perhaps {name}: distance {distance} is a little over {threshold}.</source>
        <translation>Vielleicht {name}: Der Abstand {distance} liegt etwas über {threshold}.</translation>
    </message>
    <message>
        <source>{name} or {second}? They are {margin} apart, and {least} is asked for.</source>
        <translation>{name} oder {second}? Der Vorsprung ist {margin}, verlangt wird {least}.</translation>
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
    <name>EnrollmentPage</name>
    <message>
        <source>Enroll a person</source>
        <translation>Person einlernen</translation>
    </message>
    <message>
        <source>Finish or cancel this first, then drop the photos again.</source>
        <translation>Das hier bitte erst abschließen oder abbrechen, dann die Fotos noch einmal hierher ziehen.</translation>
    </message>
    <message>
        <source>&amp;Look at the photos</source>
        <translation>&amp;Fotos ansehen</translation>
    </message>
    <message>
        <source>Use the &amp;camera</source>
        <translation>Ka&amp;mera verwenden</translation>
    </message>
    <message>
        <source>Photos or folders: {count}. Each shall show this person&apos;s face, alone or to be chosen.</source>
        <translation>Fotos oder Ordner: {count}. Jedes Foto soll das Gesicht dieser Person zeigen, allein oder zum Auswählen.</translation>
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
        <source>You will be asked to look at the camera and to turn your head. Photos can be dropped here, too.</source>
        <translation>Als Nächstes: in die Kamera sehen und den Kopf drehen. Auch Fotos lassen sich hierher ziehen.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Who is it?</source>
        <translation>Wer ist es?</translation>
    </message>
    <message>
        <source>The gallery is not read yet: one moment, please.</source>
        <translation>Die Galerie ist noch nicht gelesen: einen Moment, bitte.</translation>
    </message>
    <message>
        <source>Choose photos</source>
        <translation>Fotos wählen</translation>
    </message>
    <message>
        <source>Pictures ({patterns})</source>
        <translation>Bilder ({patterns})</translation>
    </message>
    <message>
        <source>{name} is enrolled.</source>
        <translation>{name} ist eingelernt.</translation>
    </message>
    <message>
        <source>What to do now</source>
        <translation>Was jetzt zu tun ist</translation>
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
        <source>First name, or any name</source>
        <translation>Vorname oder irgendein Name</translation>
    </message>
    <message>
        <source>{name} is enrolled already and gains pictures.</source>
        <translation>{name} ist schon eingelernt und bekommt Bilder dazu.</translation>
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
        <source>Near enough</source>
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
        <source>Head turned as asked</source>
        <translation>Kopf wie verlangt gedreht</translation>
    </message>
    <message>
        <source>Very good, stay like this.</source>
        <translation>Sehr gut, so bleiben.</translation>
    </message>
    <message>
        <source>Come before the camera.</source>
        <translation>Bitte vor die Kamera kommen.</translation>
    </message>
    <message>
        <source>One face only, please.</source>
        <translation>Bitte nur ein Gesicht.</translation>
    </message>
    <message>
        <source>This is somebody else: the same person as before, please.</source>
        <translation>Das ist jemand anderes: bitte dieselbe Person wie zuvor.</translation>
    </message>
    <message>
        <source>Show your whole face, with nothing before it.</source>
        <translation>Bitte das ganze Gesicht zeigen, mit nichts davor.</translation>
    </message>
    <message>
        <source>Move to the middle: the edge cuts your face.</source>
        <translation>In die Mitte rücken: Der Rand schneidet das Gesicht ab.</translation>
    </message>
    <message>
        <source>Come nearer.</source>
        <translation>Näher kommen.</translation>
    </message>
    <message>
        <source>Hold still.</source>
        <translation>Stillhalten.</translation>
    </message>
    <message>
        <source>More light on your face, please.</source>
        <translation>Bitte mehr Licht auf das Gesicht.</translation>
    </message>
    <message>
        <source>Less light on your face, please.</source>
        <translation>Bitte weniger Licht auf das Gesicht.</translation>
    </message>
    <message>
        <source>Not so far: turn back a little.</source>
        <translation>Nicht so weit: etwas zurückdrehen.</translation>
    </message>
    <message>
        <source>Look straight into the camera and hold still.</source>
        <translation>Gerade in die Kamera sehen und stillhalten.</translation>
    </message>
    <message>
        <source>Turn your head slowly to your left.</source>
        <translation>Den Kopf langsam nach links drehen.</translation>
    </message>
    <message>
        <source>Turn your head slowly to your right.</source>
        <translation>Den Kopf langsam nach rechts drehen.</translation>
    </message>
    <message>
        <source>Raise your chin a little.</source>
        <translation>Das Kinn etwas heben.</translation>
    </message>
    <message>
        <source>Lower your chin a little.</source>
        <translation>Das Kinn etwas senken.</translation>
    </message>
    <message>
        <source>The camera stands too far to one side: put it at eye level, or skip this pose.</source>
        <translation>Die Kamera steht zu weit seitlich: bitte auf Augenhöhe stellen oder diese Pose überspringen.</translation>
    </message>
    <message>
        <source>Left out by you</source>
        <translation>Abgewählt</translation>
    </message>
    <message>
        <source>Too like another picture: it would add nothing</source>
        <translation>Einem anderen Bild zu ähnlich: bringt nichts Neues</translation>
    </message>
    <message>
        <source>Too like a photo that is there already</source>
        <translation>Einem vorhandenen Foto zu ähnlich</translation>
    </message>
    <message>
        <source>The face is not found again in it</source>
        <translation>Das Gesicht ist darin nicht wiederzufinden</translation>
    </message>
    <message>
        <source>Looks like somebody else</source>
        <translation>Sieht nach jemand anderem aus</translation>
    </message>
    <message>
        <source>{name} is not recognized yet: the face was taken for {other}.</source>
        <translation>{name} wird noch nicht erkannt: Das Gesicht wurde für {other} gehalten.</translation>
    </message>
    <message>
        <source>{name} was seen too briefly to be tested.</source>
        <translation>{name} war für die Probe zu kurz zu sehen.</translation>
    </message>
    <message>
        <source>{name} is not recognized yet: too different from the pictures.</source>
        <translation>{name} wird noch nicht erkannt: zu verschieden von den Bildern.</translation>
    </message>
    <message>
        <source>{name} is not recognized for sure yet: almost too different from the pictures.</source>
        <translation>{name} wird noch nicht sicher erkannt: fast zu verschieden von den Bildern.</translation>
    </message>
    <message>
        <source>{name} is not recognized for sure: {other} looks almost the same.</source>
        <translation>{name} wird nicht sicher erkannt: {other} sieht fast gleich aus.</translation>
    </message>
    <message>
        <source>{name} looks like a face of which you said that it is somebody else.</source>
        <translation>{name} sieht wie ein Gesicht aus, von dem Sie gesagt haben, dass es jemand anderes ist.</translation>
    </message>
    <message>
        <source>{name} was not tested: nobody was before the camera.</source>
        <translation>Keine Probe für {name}: Niemand war vor der Kamera.</translation>
    </message>
    <message>
        <source>{name} was not tested: several faces were before the camera.</source>
        <translation>Keine Probe für {name}: Mehrere Gesichter waren vor der Kamera.</translation>
    </message>
    <message>
        <source>{name} was not seen well enough to be tested. {advice}</source>
        <translation>{name} war für die Probe nicht gut genug zu sehen. {advice}</translation>
    </message>
    <message>
        <source>{name} is recognized.</source>
        <translation>{name} wird erkannt.</translation>
    </message>
    <message>
        <source>Distance to the pictures: {distance}. A name is given up to {threshold}.</source>
        <translation>Abstand zu den Bildern: {distance}. Einen Namen gibt es bis {threshold}.</translation>
    </message>
    <message>
        <source>Next is {other}, at {distance}.</source>
        <translation>Am nächsten kommt {other}, mit Abstand {distance}.</translation>
    </message>
</context>
<context>
    <name>FaceChoice</name>
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
        <source>Only while the face is seen</source>
        <translation>Nur solange das Gesicht zu sehen ist</translation>
    </message>
    <message>
        <source>&amp;Why?</source>
        <translation>&amp;Warum?</translation>
    </message>
    <message>
        <source>&amp;Enroll with more pictures…</source>
        <translation>Mit mehr Bildern &amp;einlernen …</translation>
    </message>
    <message>
        <source>&amp;Undo the last correction</source>
        <translation>Letzte Korrektur &amp;rückgängig machen</translation>
    </message>
</context>
<context>
    <name>FigureList</name>
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
        <source>Threshold</source>
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
        <source>{margin}, at least {least}</source>
        <translation>{margin}, mindestens {least}</translation>
    </message>
    <message>
        <source>{votes} of {all}</source>
        <translation>{votes} von {all}</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>niemand</translation>
    </message>
    <message>
        <source>{distance} to {name}</source>
        <translation>{distance} zu {name}</translation>
    </message>
</context>
<context>
    <name>Figures</name>
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
        <source>Photos with something to say of: {count}. Those that hurt are ticked; set aside, they are out of use, but nothing is deleted.</source>
        <translation>Auffällige Fotos: {count}. Die schädlichen sind angekreuzt; beiseitegelegt werden sie nicht mehr benutzt, aber nichts wird gelöscht.</translation>
    </message>
    <message>
        <source>All photos are good.</source>
        <translation>Alle Fotos sind gut.</translation>
    </message>
    <message>
        <source>Bring back the last that were set aside: {count}</source>
        <translation>Zuletzt beiseitegelegte zurückholen: {count}</translation>
    </message>
    <message>
        <source>{name}: {file}</source>
        <translation>{name}: {file}</translation>
    </message>
    <message>
        <source>{reason}; stays</source>
        <translation>{reason}; bleibt</translation>
    </message>
    <message>
        <source>Set aside: {count}</source>
        <translation>Beiseitelegen: {count}</translation>
    </message>
    <message>
        <source>as it is</source>
        <translation>so wie es ist</translation>
    </message>
    <message>
        <source>without those that hurt</source>
        <translation>ohne die schädlichen</translation>
    </message>
    <message>
        <source>Photos in use</source>
        <translation>Benutzte Fotos</translation>
    </message>
    <message>
        <source>Photos that the others would name right</source>
        <translation>Fotos, die die anderen richtig benennen würden</translation>
    </message>
    <message>
        <source>Photos that the others would give a false name</source>
        <translation>Fotos, die die anderen falsch benennen würden</translation>
    </message>
    <message>
        <source>Photos that the others would leave unnamed</source>
        <translation>Fotos, die die anderen nicht benennen würden</translation>
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
        <source>You</source>
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
        <source>&amp;Look again</source>
        <translation>&amp;Erneut suchen</translation>
    </message>
    <message>
        <source>Which camera?</source>
        <translation>Welche Kamera?</translation>
    </message>
    <message>
        <source>{name} is enrolled. As soon as the camera sees this face, the name stands beside it.</source>
        <translation>{name} ist eingelernt. Sobald die Kamera dieses Gesicht sieht, steht der Name daneben.</translation>
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
        <source>Choose what facecam looks through; its picture is shown at once.</source>
        <translation>Bitte die Kamera für facecam wählen; ihr Bild ist sofort zu sehen.</translation>
    </message>
    <message>
        <source>There you are, {name}</source>
        <translation>Hallo, {name}</translation>
    </message>
    <message>
        <source>That is all. Press ? at any time to see all keys.</source>
        <translation>Das ist alles. Die Taste ? zeigt jederzeit alle Tasten.</translation>
    </message>
</context>
<context>
    <name>GalleryCommands</name>
    <message>
        <source>Taken back: {deed}</source>
        <translation>Rückgängig gemacht: {deed}</translation>
    </message>
    <message>
        <source>{before} is called {now}.</source>
        <translation>{before} heißt jetzt {now}.</translation>
    </message>
    <message>
        <source>{name} was removed: {went}.</source>
        <translation>{name} wurde entfernt: {went}.</translation>
    </message>
    <message>
        <source>Photos of {name} that were removed: {count}.</source>
        <translation>Entfernte Fotos von {name}: {count}.</translation>
    </message>
    <message>
        <source>{name} is {into} now; photos that moved: {count}.</source>
        <translation>{name} ist jetzt {into}; verschobene Fotos: {count}.</translation>
    </message>
    <message>
        <source>Photos that were set aside: {count}.</source>
        <translation>Beiseitegelegte Fotos: {count}.</translation>
    </message>
    <message>
        <source>Photos that were brought back: {count}.</source>
        <translation>Zurückgeholte Fotos: {count}.</translation>
    </message>
    <message>
        <source>Photos that were added for {name}: {count}.</source>
        <translation>Hinzugefügte Fotos für {name}: {count}.</translation>
    </message>
    <message>
        <source>photos: {count}</source>
        <translation>Fotos: {count}</translation>
    </message>
    <message>
        <source>photos that were set aside: {count}</source>
        <translation>beiseitegelegte Fotos: {count}</translation>
    </message>
    <message>
        <source>faces that are not this person: {count}</source>
        <translation>Gesichter, die nicht diese Person sind: {count}</translation>
    </message>
</context>
<context>
    <name>GalleryPage</name>
    <message>
        <source>Find a name</source>
        <translation>Namen suchen</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Nobody</source>
        <translation>Niemand</translation>
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
        <source>Set photos aside</source>
        <translation>Fotos beiseitelegen</translation>
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
        <source>The gallery is being read.</source>
        <translation>Die Galerie wird gelesen.</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet. Enroll a person with the camera or from photos; or make a folder with the person&apos;s name and put photos into it.</source>
        <translation>Noch ist niemand eingelernt. Eine Person mit der Kamera oder aus Fotos einlernen; oder einen Ordner mit dem Namen der Person anlegen und Fotos hineinlegen.</translation>
    </message>
    <message>
        <source>There is nobody else to merge {name} with.</source>
        <translation>Es gibt sonst niemanden, mit dem sich {name} zusammenführen ließe.</translation>
    </message>
    <message>
        <source>Looking at photos for {name}…</source>
        <translation>Fotos für {name} werden angesehen …</translation>
    </message>
    <message>
        <source>Every photo is looked at…</source>
        <translation>Jedes Foto wird angesehen …</translation>
    </message>
</context>
<context>
    <name>GalleryQuestions</name>
    <message>
        <source>Remove {name}? The folder is deleted with everything in it ({went}), and what was computed from it. Logs keep the name. You can take it back while this page is open.</source>
        <translation>{name} entfernen? Der Ordner wird mit allem darin gelöscht ({went}), ebenso, was daraus berechnet wurde. In Protokollen bleibt der Name. Solange diese Seite offen ist, lässt es sich rückgängig machen.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Everything in the folder of {name} goes to {into}, who will have {count} photos. The name {name} is gone, and so is what was said of one of the two not being the other. You can take it back while this page is open.</source>
        <translation>Alles im Ordner von {name} geht an {into}; dort sind es dann {count} Fotos. Der Name {name} verschwindet, ebenso die Angabe, dass die beiden nicht dieselbe Person sind. Solange diese Seite offen ist, lässt es sich rückgängig machen.</translation>
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
        <source>pinned {value}</source>
        <translation>fest {value}</translation>
    </message>
    <message>
        <source>One person&apos;s photos</source>
        <translation>Fotos einer Person</translation>
    </message>
    <message>
        <source>Nearest other person</source>
        <translation>Nächste andere Person</translation>
    </message>
    <message>
        <source>Strangers, from a public set</source>
        <translation>Fremde, öffentliche Bilder</translation>
    </message>
</context>
<context>
    <name>KeptCrops</name>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
</context>
<context>
    <name>KeysOverlay</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
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
        <source>What may be done with the face</source>
        <translation>Was mit dem Gesicht getan werden kann</translation>
    </message>
    <message>
        <source>In the picture</source>
        <translation>Im Bild</translation>
    </message>
</context>
<context>
    <name>MessageLine</name>
    <message>
        <source>Put the message away</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>ViewOptions</name>
    <message>
        <source>While objects are recognized, nobody is blurred: faces are not looked for.</source>
        <translation>Während Gegenstände erkannt werden, wird niemand unkenntlich gemacht: Gesichter werden nicht gesucht.</translation>
    </message>
    <message>
        <source>Only the picture. H or Escape brings everything back.</source>
        <translation>Nur das Bild. H oder Escape holt alles zurück.</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>What is wrong</source>
        <translation>Was nicht stimmt</translation>
    </message>
</context>
<context>
    <name>MirrorView</name>
    <message>
        <source>Live picture, like a mirror</source>
        <translation>Livebild, wie im Spiegel</translation>
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
        <source>Gallery</source>
        <translation>Galerie</translation>
    </message>
    <message>
        <source>Enroll a person</source>
        <translation>Person einlernen</translation>
    </message>
    <message>
        <source>Teach an object</source>
        <translation>Gegenstand lehren</translation>
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
        <source>Here now</source>
        <translation>Jetzt da</translation>
    </message>
    <message>
        <source>Was here</source>
        <translation>War da</translation>
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
        <source>Only objects are looked at. Switch to faces to see who is here.</source>
        <translation>Es werden nur Gegenstände erkannt. Zu „Gesichter“ wechseln, um zu sehen, wer da ist.</translation>
    </message>
    <message>
        <source>Nobody is here right now.</source>
        <translation>Gerade ist niemand da.</translation>
    </message>
    <message>
        <source>Nobody is here yet. Whoever comes before the camera appears here.</source>
        <translation>Noch ist niemand da. Wer vor die Kamera kommt, erscheint hier.</translation>
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
    <name>VisitorModel</name>
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
        <source>The arrow keys choose somebody, Enter opens the menu.</source>
        <translation>Die Pfeiltasten wählen eine Person, die Eingabetaste öffnet das Menü.</translation>
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
        <source>Consent: {words}</source>
        <translation>Einwilligung: {words}</translation>
    </message>
    <message>
        <source>No consent is noted; person.toml in the folder has a place for it.</source>
        <translation>Keine Einwilligung vermerkt; in person.toml im Ordner ist Platz dafür.</translation>
    </message>
</context>
<context>
    <name>PhotoChooser</name>
    <message>
        <source>Pictures ({patterns})</source>
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
    <message>
        <source>{file}: several faces</source>
        <translation>{file}: mehrere Gesichter</translation>
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
    <name>PhotoScenes</name>
    <message>
        <source>Looking at the photos…</source>
        <translation>Fotos werden angesehen …</translation>
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
        <source>In photos with several faces you can say which one is meant.</source>
        <translation>Bei Fotos mit mehreren Gesichtern lässt sich sagen, welches gemeint ist.</translation>
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
        <source>This one</source>
        <translation>Dieses</translation>
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
        <source>Yes, the same person</source>
        <translation>Ja, dieselbe Person</translation>
    </message>
    <message>
        <source>No, somebody else</source>
        <translation>Nein, jemand anderes</translation>
    </message>
    <message>
        <source>Is this the same person as {rival}?</source>
        <translation>Ist das dieselbe Person wie {rival}?</translation>
    </message>
    <message>
        <source>{rival} is enrolled already and looks almost the same. If they are one person, {rival} gains the photos.</source>
        <translation>{rival} ist schon eingelernt und sieht fast gleich aus. Ist es dieselbe Person, bekommt {rival} die Fotos.</translation>
    </message>
    <message>
        <source>Taking it back…</source>
        <translation>Wird rückgängig gemacht …</translation>
    </message>
    <message>
        <source>Taken back: none of these photos is in the gallery.</source>
        <translation>Rückgängig gemacht: Keines dieser Fotos ist in der Galerie.</translation>
    </message>
</context>
<context>
    <name>PlacesView</name>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>Nothing leaves this machine: pictures are looked at here and thrown away. What is kept is below, and you may look at it and delete it at any time. The log holds names, distances and times, but no pictures.</source>
        <translation>Nichts verlässt diesen Rechner: Bilder werden hier angesehen und verworfen. Was aufbewahrt wird, steht unten und lässt sich jederzeit ansehen und löschen. Das Protokoll enthält Namen, Abstände und Zeiten, aber keine Bilder.</translation>
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
    <name>Promise</name>
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
    <name>QuestionPanel</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>no face was found</source>
        <translation>kein Gesicht gefunden</translation>
    </message>
    <message>
        <source>several faces: crop the photo to one</source>
        <translation>mehrere Gesichter: das Foto auf eines zuschneiden</translation>
    </message>
    <message>
        <source>not a picture that can be read</source>
        <translation>kein lesbares Bild</translation>
    </message>
    <message>
        <source>the face is not clear enough</source>
        <translation>das Gesicht ist nicht deutlich genug</translation>
    </message>
    <message>
        <source>the face is too small</source>
        <translation>das Gesicht ist zu klein</translation>
    </message>
    <message>
        <source>the face is cut by the edge</source>
        <translation>das Gesicht ist am Rand abgeschnitten</translation>
    </message>
    <message>
        <source>the face is blurred</source>
        <translation>das Gesicht ist unscharf</translation>
    </message>
    <message>
        <source>the face is too dark</source>
        <translation>das Gesicht ist zu dunkel</translation>
    </message>
    <message>
        <source>the face is too bright</source>
        <translation>das Gesicht ist zu hell</translation>
    </message>
    <message>
        <source>the face is turned too far</source>
        <translation>das Gesicht ist zu weit gedreht</translation>
    </message>
    <message>
        <source>the face was not found again in the saved picture</source>
        <translation>das Gesicht war im gespeicherten Bild nicht wiederzufinden</translation>
    </message>
    <message>
        <source>the same picture is there already</source>
        <translation>dasselbe Bild ist schon da</translation>
    </message>
    <message>
        <source>looks like somebody else</source>
        <translation>sieht nach jemand anderem aus</translation>
    </message>
    <message>
        <source>too like a photo of another person</source>
        <translation>einem Foto einer anderen Person zu ähnlich</translation>
    </message>
    <message>
        <source>lies outside a person&apos;s folder</source>
        <translation>liegt außerhalb des Ordners einer Person</translation>
    </message>
    <message>
        <source>the folder&apos;s name cannot be a person&apos;s</source>
        <translation>der Name des Ordners kann kein Personenname sein</translation>
    </message>
    <message>
        <source>person.toml is damaged</source>
        <translation>person.toml ist beschädigt</translation>
    </message>
    <message>
        <source>has the same id as another person</source>
        <translation>hat dieselbe Kennung wie eine andere Person</translation>
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
        <source>In the picture: {distance} from {name}, gets the name.</source>
        <translation>Im Bild: Abstand {distance} zu {name}, bekommt den Namen.</translation>
    </message>
    <message>
        <source>In the picture: {distance} from {name}, unsure.</source>
        <translation>Im Bild: Abstand {distance} zu {name}, unsicher.</translation>
    </message>
    <message>
        <source>In the picture: {distance} from {name}, stays unknown.</source>
        <translation>Im Bild: Abstand {distance} zu {name}, bleibt unbekannt.</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Default</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Default for: {setting}</source>
        <translation>Standard für: {setting}</translation>
    </message>
    <message>
        <source>Back to {value}</source>
        <translation>Zurück zu {value}</translation>
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
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Picture size</source>
        <translation>Bildgröße</translation>
    </message>
    <message>
        <source>Asked of the camera, which may answer with another. Larger shows farther faces, and is slower.</source>
        <translation>Wird von der Kamera erbeten; sie kann eine andere liefern. Größer zeigt entferntere Gesichter und ist langsamer.</translation>
    </message>
    <message>
        <source>Pictures per second</source>
        <translation>Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Asked of the camera as well.</source>
        <translation>Wird ebenfalls von der Kamera erbeten.</translation>
    </message>
    <message>
        <source> per second</source>
        <translation> pro Sekunde</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>Smallest face that is found</source>
        <translation>Kleinstes Gesicht, das gefunden wird</translation>
    </message>
    <message>
        <source>Smaller faces are not looked for. A larger number is faster.</source>
        <translation>Kleinere Gesichter werden nicht gesucht. Eine größere Zahl ist schneller.</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Smallest face that is compared</source>
        <translation>Kleinstes Gesicht, das verglichen wird</translation>
    </message>
    <message>
        <source>A smaller one is shown, but gets no name: too few pixels make people alike.</source>
        <translation>Ein kleineres wird gezeigt, bekommt aber keinen Namen: Zu wenige Pixel machen Menschen einander ähnlich.</translation>
    </message>
    <message>
        <source>Somebody has left after</source>
        <translation>Jemand ist gegangen nach</translation>
    </message>
    <message>
        <source>Unseen for so long, a person counts as gone.</source>
        <translation>So lange nicht gesehen, gilt eine Person als gegangen.</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>Do not trust a picture of a face</source>
        <translation>Dem Bild eines Gesichts nicht trauen</translation>
    </message>
    <message>
        <source>A face that moves like a photo for two seconds is unsure. It helps against a photo held up; it is no lock.</source>
        <translation>Ein Gesicht, das sich zwei Sekunden lang wie ein Foto bewegt, ist unsicher. Das hilft gegen ein hochgehaltenes Foto; ein Schloss ist es nicht.</translation>
    </message>
    <message>
        <source>Expressions</source>
        <translation>Ausdruck</translation>
    </message>
    <message>
        <source>Learn each person&apos;s resting face</source>
        <translation>Das ruhende Gesicht jeder Person lernen</translation>
    </message>
    <message>
        <source>In the first minute in which they are seen: who looks stern at rest is neutral then. Forgotten at the end.</source>
        <translation>In der ersten Minute, in der sie zu sehen ist: Wer in Ruhe streng aussieht, ist dann neutral. Am Ende wird es vergessen.</translation>
    </message>
    <message>
        <source>An expression is averaged over</source>
        <translation>Ein Ausdruck wird gemittelt über</translation>
    </message>
    <message>
        <source>Longer is calmer, and slower to follow a face.</source>
        <translation>Länger ist ruhiger und folgt einem Gesicht langsamer.</translation>
    </message>
    <message>
        <source>at most 1 in {count}</source>
        <translation>höchstens 1 von {count}</translation>
    </message>
    <message>
        <source>Names</source>
        <translation>Namen</translation>
    </message>
    <message>
        <source>Strangers who may get a name</source>
        <translation>Fremde, die einen Namen bekommen dürfen</translation>
    </message>
    <message>
        <source>Fewer strangers with a name means more people without one. The threshold studio shows both; a threshold that is pinned there counts instead.</source>
        <translation>Weniger Fremde mit Namen heißt mehr Bekannte ohne Namen. Das Schwellen-Studio zeigt beides; eine dort gesetzte feste Schwelle gilt stattdessen.</translation>
    </message>
    <message>
        <source>Looks that must agree on a name</source>
        <translation>Vergleiche, die denselben Namen ergeben müssen</translation>
    </message>
    <message>
        <source>More make a first name later, and surer.</source>
        <translation>Mehr davon: Der erste Name kommt später und ist sicherer.</translation>
    </message>
    <message>
        <source>Network that compares faces</source>
        <translation>Netz, das Gesichter vergleicht</translation>
    </message>
    <message>
        <source>Another one reads all photos anew, and has a threshold of its own.</source>
        <translation>Ein anderes liest alle Fotos neu und hat eine eigene Schwelle.</translation>
    </message>
    <message>
        <source>Compare the mirror image as well</source>
        <translation>Auch das Spiegelbild vergleichen</translation>
    </message>
    <message>
        <source>A little surer, and takes twice as long for each face.</source>
        <translation>Etwas sicherer, braucht aber für jedes Gesicht doppelt so lange.</translation>
    </message>
    <message>
        <source>Computing</source>
        <translation>Rechnen</translation>
    </message>
    <message>
        <source>Follow faces from picture to picture</source>
        <translation>Gesichtern von Bild zu Bild folgen</translation>
    </message>
    <message>
        <source>Spares most of the work. Off, every picture is searched and every face compared.</source>
        <translation>Erspart den größten Teil der Arbeit. Ausgeschaltet wird jedes Bild durchsucht und jedes Gesicht verglichen.</translation>
    </message>
    <message>
        <source>Processor cores for recognition</source>
        <translation>Prozessorkerne für die Erkennung</translation>
    </message>
    <message>
        <source>More is faster, up to what the machine has; the picture needs some of it, too.</source>
        <translation>Mehr ist schneller, bis zu dem, was der Rechner hat; auch das Bild braucht davon etwas.</translation>
    </message>
    <message>
        <source>facecam (recommended)</source>
        <translation>facecam (empfohlen)</translation>
    </message>
    <message>
        <source>OpenFace, 2016</source>
        <translation>OpenFace, 2016</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Open the camera again</source>
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
        <source>as the system has it</source>
        <translation>wie im System</translation>
    </message>
    <message>
        <source>Takes effect at the next start.</source>
        <translation>Gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>The camera gets its new settings when it is opened again.</source>
        <translation>Die Kamera bekommt die neuen Einstellungen, wenn sie neu geöffnet wird.</translation>
    </message>
    <message>
        <source>At the next start {variable} in the environment counts instead.</source>
        <translation>Beim nächsten Start gilt stattdessen {variable} aus der Umgebung.</translation>
    </message>
    <message>
        <source>A threshold is pinned in the threshold studio and counts instead: {value}.</source>
        <translation>Im Schwellen-Studio ist eine feste Schwelle gesetzt; sie gilt stattdessen: {value}.</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation>noch nicht bekannt</translation>
    </message>
    <message>
        <source>no log is written</source>
        <translation>es wird kein Protokoll geschrieben</translation>
    </message>
    <message>
        <source>In force until the end, but not kept: {reason}</source>
        <translation>Gilt bis zum Beenden, wurde aber nicht gespeichert: {reason}</translation>
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
        <source>Begin again</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>Go on with what was seen</source>
        <translation>Weiter mit dem, was da ist</translation>
    </message>
    <message>
        <source>Not every pose was seen before its end.</source>
        <translation>Es war zu Ende, bevor jede Pose zu sehen war.</translation>
    </message>
    <message>
        <source>The picture has ended</source>
        <translation>Das Bild ist zu Ende</translation>
    </message>
    <message>
        <source>The picture is held. Let it go on first.</source>
        <translation>Das Bild ist angehalten. Bitte erst weiterlaufen lassen.</translation>
    </message>
    <message>
        <source>The picture was lost; it is tried again.</source>
        <translation>Das Bild ging verloren; es wird wieder versucht.</translation>
    </message>
</context>
<context>
    <name>NoticeController</name>
    <message>
        <source>The end</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>The picture was lost</source>
        <translation>Das Bild ging verloren</translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation>Es wird von selbst wieder versucht.</translation>
    </message>
    <message>
        <source>Only once on this machine; it takes about half a minute.</source>
        <translation>Nur einmal auf diesem Rechner; es dauert etwa eine halbe Minute.</translation>
    </message>
    <message>
        <source>Preparing the networks</source>
        <translation>Netze werden vorbereitet</translation>
    </message>
    <message>
        <source>Opening {source}</source>
        <translation>{source} wird geöffnet</translation>
    </message>
    <message>
        <source>Reading the photos of the people you know</source>
        <translation>Die Fotos der bekannten Personen werden gelesen</translation>
    </message>
    <message>
        <source>Preparing recognition</source>
        <translation>Die Erkennung wird vorbereitet</translation>
    </message>
    <message>
        <source>The picture comes when strangers can be blurred</source>
        <translation>Das Bild kommt, sobald Fremde unkenntlich gemacht werden können</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>Noch einmal abspielen</translation>
    </message>
    <message>
        <source>There is no picture</source>
        <translation>Es gibt kein Bild</translation>
    </message>
    <message>
        <source>Camera {number}: {name}</source>
        <translation>Kamera {number}: {name}</translation>
    </message>
    <message>
        <source>Cameras on this machine:</source>
        <translation>Kameras an diesem Rechner:</translation>
    </message>
    <message>
        <source>All connections of this machine were looked at: there is no camera.</source>
        <translation>Alle Anschlüsse dieses Rechners wurden durchgesehen: Es gibt keine Kamera.</translation>
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
        <source>Pictures that come in a second</source>
        <translation>Bilder, die in einer Sekunde kommen</translation>
    </message>
    <message>
        <source>Pictures that were shown but not recognized: another one was still being worked on</source>
        <translation>Bilder, die gezeigt, aber nicht erkannt wurden: Ein anderes war noch in Arbeit</translation>
    </message>
    <message>
        <source>camera {number}</source>
        <translation>Kamera {number}</translation>
    </message>
    <message>
        <source>{source}: held</source>
        <translation>{source}: angehalten</translation>
    </message>
    <message>
        <source>{source}: opening</source>
        <translation>{source}: wird geöffnet</translation>
    </message>
    <message>
        <source>What decided: loading</source>
        <translation>Was entschied: wird geladen</translation>
    </message>
    <message>
        <source>What decided: on</source>
        <translation>Was entschied: an</translation>
    </message>
    <message>
        <source>{source}: lost, trying again</source>
        <translation>{source}: verloren, neuer Versuch</translation>
    </message>
    <message>
        <source>{source}: not there</source>
        <translation>{source}: nicht da</translation>
    </message>
    <message>
        <source>{source}: over</source>
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
        <source>Log: written</source>
        <translation>Protokoll: wird geschrieben</translation>
    </message>
    <message>
        <source>Log: begins soon</source>
        <translation>Protokoll: beginnt gleich</translation>
    </message>
    <message>
        <source>Log: off</source>
        <translation>Protokoll: aus</translation>
    </message>
    <message>
        <source>Nothing of what is seen is kept</source>
        <translation>Von dem, was zu sehen ist, wird nichts aufbewahrt</translation>
    </message>
</context>
<context>
    <name>StepBar</name>
    <message>
        <source>{number}. {name}</source>
        <translation>{number}. {name}</translation>
    </message>
    <message>
        <source>Step {number} of {count}: {name}</source>
        <translation>Schritt {number} von {count}: {name}</translation>
    </message>
</context>
<context>
    <name>TaughtList</name>
    <message>
        <source>Taught so far</source>
        <translation>Bisher gelernt</translation>
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
        <source>Bring back {label}</source>
        <translation>{label} zurückholen</translation>
    </message>
</context>
<context>
    <name>TeachPanel</name>
    <message>
        <source>Write what it is called and press Teach. Keep it out of the picture for two seconds, then hold it up for ten and turn it, nearer and farther. Pictures are not kept.</source>
        <translation>Schreiben Sie, wie er heißt, und drücken Sie Lehren. Halten Sie ihn zwei Sekunden aus dem Bild, dann zehn Sekunden vor die Kamera, gedreht, näher und weiter weg. Bilder werden nicht aufbewahrt.</translation>
    </message>
    <message>
        <source>What is it called?</source>
        <translation>Wie heißt er?</translation>
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
        <source>views held back</source>
        <translation>zurückgehaltene Ansichten</translation>
    </message>
    <message>
        <source>What was taken for what among views that were held back</source>
        <translation>Was unter zurückgehaltenen Ansichten wofür gehalten wurde</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Wird vorbereitet …</translation>
    </message>
    <message>
        <source>Keep {label} out of the picture.</source>
        <translation>Halten Sie {label} aus dem Bild.</translation>
    </message>
    <message>
        <source>Now hold it up and turn it, nearer and farther. {count} different views so far.</source>
        <translation>Jetzt vor die Kamera halten und drehen, näher und weiter weg. Bisher {count} verschiedene Ansichten.</translation>
    </message>
    <message>
        <source>Learning…</source>
        <translation>Wird gelernt …</translation>
    </message>
    <message>
        <source>{label} is known from now on: {count} views; {accuracy} % of views held back are named right.</source>
        <translation>{label} ist ab jetzt bekannt: {count} Ansichten; {accuracy} % der zurückgehaltenen Ansichten werden richtig benannt.</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>Fertig.</translation>
    </message>
</context>
<context>
    <name>ThresholdChoice</name>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Pinned threshold</source>
        <translation>Feste Schwelle</translation>
    </message>
    <message>
        <source>&amp;Automatic for the gallery:</source>
        <translation>Au&amp;tomatisch für die Galerie:</translation>
    </message>
    <message>
        <source>&amp;Pinned at</source>
        <translation>&amp;Fest bei</translation>
    </message>
    <message>
        <source>Strangers who may get a name</source>
        <translation>Fremde, die einen Namen bekommen dürfen</translation>
    </message>
    <message>
        <source>at most 1 stranger in {count} gets a name</source>
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
        <source>A face gets the name of the nearest photo if it is nearer than the threshold. Farther left, fewer strangers get a name; farther right, fewer people stay unnamed.</source>
        <translation>Ein Gesicht bekommt den Namen des nächsten Fotos, wenn es näher ist als die Schwelle. Weiter links bekommen weniger Fremde einen Namen; weiter rechts bleiben weniger Bekannte ohne Namen.</translation>
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
        <source>The distances are being measured.</source>
        <translation>Die Abstände werden gemessen.</translation>
    </message>
    <message>
        <source>Nobody is enrolled, so nobody gets a name and there is nothing to measure. Enroll one person to see how many strangers would be taken for them, and a second one to see how far apart the two are.</source>
        <translation>Niemand ist eingelernt, also bekommt niemand einen Namen, und es gibt nichts zu messen. Eine Person einlernen, um zu sehen, wie viele Fremde für sie gehalten würden, und eine zweite, um zu sehen, wie weit die beiden auseinanderliegen.</translation>
    </message>
    <message>
        <source>Only objects are looked at. Switch to faces to try thresholds.</source>
        <translation>Es werden nur Gegenstände erkannt. Zu „Gesichter“ wechseln, um Schwellen auszuprobieren.</translation>
    </message>
    <message>
        <source>The gallery is being read.</source>
        <translation>Die Galerie wird gelesen.</translation>
    </message>
    <message>
        <source>People with a photo nearer than this to somebody else&apos;s: {count} of {people}.</source>
        <translation>Personen mit einem Foto, das jemand anderem näher ist als die Schwelle: {count} von {people}.</translation>
    </message>
    <message>
        <source>How many stay unnamed is taken from a public set until {people} people have two photos each.</source>
        <translation>Wie viele ohne Namen bleiben, stammt aus einer öffentlichen Sammlung, bis {people} Personen je zwei Fotos haben.</translation>
    </message>
    <message>
        <source>Nobody in the picture is compared now.</source>
        <translation>Im Bild wird gerade niemand verglichen.</translation>
    </message>
    <message>
        <source>Kept in {path}.</source>
        <translation>Gespeichert in {path}.</translation>
    </message>
    <message>
        <source>At the next start {variable} in the environment counts instead.</source>
        <translation>Beim nächsten Start gilt stattdessen {variable} aus der Umgebung.</translation>
    </message>
    <message>
        <source>In force until the end, but not kept: {reason}</source>
        <translation>Gilt bis zum Beenden, wurde aber nicht gespeichert: {reason}</translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>News</source>
        <translation>Mitteilung</translation>
    </message>
</context>
<context>
    <name>Verdicts</name>
    <message>
        <source>{file}: is there already</source>
        <translation>{file}: ist schon da</translation>
    </message>
    <message>
        <source>{file}: refused, {reason}</source>
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
        <source>Nothing was added: these photos look like {rival}, who is enrolled (distance {distance}). If they do show {name}, add them all the same.</source>
        <translation>Nichts hinzugefügt: Diese Fotos sehen nach {rival} aus, schon eingelernt (Abstand {distance}). Zeigen sie doch {name}, bitte trotzdem hinzufügen.</translation>
    </message>
    <message>
        <source>There was no picture among the files.</source>
        <translation>Unter den Dateien war kein Bild.</translation>
    </message>
    <message>
        <source>Photos for {name}. Added: {added}, there already: {there}, refused: {refused}.</source>
        <translation>Fotos für {name}. Hinzugefügt: {added}, schon da: {there}, abgelehnt: {refused}.</translation>
    </message>
</context>
<context>
    <name>VerdictsView</name>
    <message>
        <source>What became of each photo</source>
        <translation>Was aus jedem Foto wurde</translation>
    </message>
    <message>
        <source>Add all the same</source>
        <translation>Trotzdem hinzufügen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Live picture</source>
        <translation>Livebild</translation>
    </message>
    <message>
        <source>The arrow keys choose a face, Enter opens its menu.</source>
        <translation>Die Pfeiltasten wählen ein Gesicht, die Eingabetaste öffnet sein Menü.</translation>
    </message>
</context>
<context>
    <name>WhyPanel</name>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>Click a face in the picture, or choose a card, and ask “Why?” there.</source>
        <translation>Ein Gesicht im Bild anklicken oder eine Karte wählen und dort „Warum?“ fragen.</translation>
    </message>
    <message>
        <source>What a face must be to be compared</source>
        <translation>Was ein Gesicht für den Vergleich braucht</translation>
    </message>
    <message>
        <source>&amp;Hold</source>
        <translation>&amp;Festhalten</translation>
    </message>
    <message>
        <source>Keep what is shown, although the face goes on moving</source>
        <translation>Die Anzeige behalten, auch wenn sich das Gesicht weiterbewegt</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>No longer here, last seen at {time}.</source>
        <translation>Nicht mehr da, zuletzt gesehen um {time}.</translation>
    </message>
    <message>
        <source>Right now it is not compared. {why}</source>
        <translation>Gerade wird nicht verglichen. {why}</translation>
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
        <source>The nearest photo of {name}</source>
        <translation>Das nächste Foto von {name}</translation>
    </message>
    <message>
        <source>A photo of {name} that cannot be read now</source>
        <translation>Ein Foto von {name}, das gerade nicht lesbar ist</translation>
    </message>
</context>
<context>
    <name>WhyScale</name>
    <message>
        <source>Scale of distances</source>
        <translation>Skala der Abstände</translation>
    </message>
    <message>
        <source>Threshold {distance}</source>
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
    <name>Window</name>
    <message>
        <source>Back to the picture</source>
        <translation>Zurück zum Bild</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Buttons</source>
        <translation>Schaltflächen</translation>
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
        <source>See the demo</source>
        <translation>Vorführung ansehen</translation>
    </message>
    <message>
        <source>Bright is what makes a face like the photo it was compared with. Faces without a name stay plain.</source>
        <translation>Hell ist, was ein Gesicht dem Foto ähnlich macht, mit dem es verglichen wurde. Gesichter ohne Namen bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Bright is what speaks for the first label.</source>
        <translation>Hell ist, was für den ersten Namen spricht.</translation>
    </message>
    <message>
        <source>Saved as {path}</source>
        <translation>Gespeichert als {path}</translation>
    </message>
    <message>
        <source>The film is saved as {path}</source>
        <translation>Der Film ist gespeichert als {path}</translation>
    </message>
    <message>
        <source>There is no picture to keep.</source>
        <translation>Es gibt kein Bild, das sich speichern ließe.</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>Something went wrong inside ({kind}). You can go on; please report it with what the terminal says.</source>
        <translation>Im Innern ging etwas schief ({kind}). Sie können weitermachen; bitte melden Sie es mit dem, was im Terminal steht.</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>hardly a face</source>
        <translation>kaum ein Gesicht</translation>
    </message>
    <message>
        <source>too far away</source>
        <translation>zu weit weg</translation>
    </message>
    <message>
        <source>cut off at the edge</source>
        <translation>am Rand abgeschnitten</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>too dark</source>
        <translation>zu dunkel</translation>
    </message>
    <message>
        <source>too bright</source>
        <translation>zu hell</translation>
    </message>
    <message>
        <source>turned away</source>
        <translation>abgewandt</translation>
    </message>
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
